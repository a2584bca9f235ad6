/** Where a run was made: what a person may want to know when digits differ. None of it is part of the work. */
export interface EnvironmentFacts {
  /** The package's own version. */
  readonly retable: string;
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  /** The operating system's own version. */
  readonly system: string;
  readonly host: string;
  /** As the processor names itself; empty names are common in virtual machines. */
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Versions by package. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The artifact `environment.json`: keys and packages in a fixed order, so that two of them compare line by line. */
export function formatEnvironment(facts: EnvironmentFacts): string {
  const { memoryBytes, packages, processor, ...rest } = facts;
  const sorted = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const memory = Math.round(memoryBytes / 1e8) / 10;
  return `${JSON.stringify({ ...rest, processor: processor.trim() || 'unknown', memory_gigabytes: memory, packages: sorted }, null, 2)}\n`;
}
