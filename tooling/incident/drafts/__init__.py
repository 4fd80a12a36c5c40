"""New files: a postmortem, a message to stakeholders, repository setup."""
