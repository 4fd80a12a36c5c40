"""The archive for agents, over the Model Context Protocol: `incident mcp`.

Read-only: no tool writes, runs or fetches anything. `readable` decides which postmortems an agent
may read, and leaves out people; `answers` has one function for each tool; `envelope` marks what
comes from the archive as data; `server` is the only module that knows the protocol.
"""
