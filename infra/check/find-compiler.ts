import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const version = "0.49.2";

/** The NuGet package that carries the compiler for Linux; restoring it needs the .NET SDK and NuGet. */
const project = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Azure.Bicep.CommandLine.linux-x64" Version="[${version}]" /></ItemGroup>
</Project>
`;

export interface Compiler {
  readonly path: string;
  /** As it introduces itself. */
  readonly version: string;
}

/** The Bicep compiler of this machine, or the one that NuGet has, restored into `folder`; null when there is neither. */
export async function findCompiler(folder: string): Promise<Compiler | null> {
  return (await introduce("bicep")) ?? (await restore(folder));
}

async function restore(folder: string): Promise<Compiler | null> {
  const packages = join(folder, "packages");
  const path = join(packages, "azure.bicep.commandline.linux-x64", version, "tools", "bicep");
  const before = await introduce(path);
  if (before !== null) return before;
  await writeFile(join(folder, "bicep.csproj"), project);
  try {
    await run("dotnet", ["restore", join(folder, "bicep.csproj"), "--packages", packages], { timeout: 120_000 });
  } catch (error) {
    console.log(
      `infra: the compiler could not be restored (${error instanceof Error ? error.message.split("\n")[0] : error})`,
    );
    return null;
  }
  await chmod(path, 0o755);
  return introduce(path);
}

async function introduce(path: string): Promise<Compiler | null> {
  try {
    const { stdout } = await run(path, ["--version"]);
    return { path, version: stdout.trim() };
  } catch {
    return null;
  }
}
