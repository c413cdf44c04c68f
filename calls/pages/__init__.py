"""The console's pages of calls. They ask the same services as the REST API, and show the request that does the same."""
