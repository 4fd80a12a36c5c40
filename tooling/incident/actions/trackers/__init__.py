"""Where action items live as issues: one module per tracker."""
