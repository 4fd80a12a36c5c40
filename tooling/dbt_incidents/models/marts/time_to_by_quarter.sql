-- The same for each quarter and severity.
{{ lengths_by(['quarter', 'severity', 'measure']) }}
