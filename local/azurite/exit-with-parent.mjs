// Preloaded into Azurite: however its parent ends, SIGKILL included, the IPC channel closes and Azurite goes with it.
process.on("disconnect", () => process.exit(0));
// Listening alone would keep Azurite alive after an orderly stop.
process.channel?.unref();
