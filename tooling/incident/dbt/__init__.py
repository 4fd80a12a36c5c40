"""What dbt's artifacts say."""
