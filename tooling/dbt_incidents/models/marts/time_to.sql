-- Time to detect, mitigate, correct, notify consumers and publish, over the whole archive: the
-- same metrics as `incident stats`. A median without n can mislead, so n is always included.
{{ lengths_by(['measure']) }}
