"""New files: a postmortem, a message to stakeholders, the setup of a repository."""
