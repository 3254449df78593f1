// node --import ./test/bench/report-usage.ts ...: what the process has used, as the last line on stderr.
process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { megabytes: Math.ceil(maxRSS / 1024), cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  process.stderr.write(`${JSON.stringify(usage)}\n`);
});
