// Preloaded into Azurite: however its parent ends, SIGKILL included, the IPC channel closes and Azurite goes with it.
process.on("disconnect", () => process.exit(0));
