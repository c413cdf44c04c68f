"""Azure Communication Services Call Automation on localhost: REST, callbacks, media sockets, faults. No Django."""
