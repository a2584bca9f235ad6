import { availableParallelism, cpus } from 'node:os';
import { jsonText } from '../../diagnostics/columns.js';
import { listed } from '../../diagnostics/words.js';
import type { Device, EngineKind } from '../../engine/engine.js';
import { EXIT } from '../../host/exit.js';
import { type Finding, firstLine, optionalPart, pythonPackage, versionIn } from '../../host/finding.js';
import type { LauncherKind } from '../../launch/launcher.js';
import { launchers } from '../../launch/run-on.js';
import { textTable } from '../../report/kit/tables.js';
import { howTold } from '../../host/terminal.js';
import type { Run } from '../command.js';
import { tryEngine, tryEngineApart } from '../doctor/try-engine.js';

/** What this machine has of what retable needs or can make use of, each part tried out where that is quick. */
export const run: Run = async (_, options, terminal) => {
  const findings = await examineAll();
  const broken = findings.filter(({ needed, usable }) => needed && !usable);
  if (options.json) terminal.data(jsonText(findings));
  else {
    const { bold, dim, green, red } = terminal.outColor;
    const yes = (truth: boolean): string => (truth ? green('yes') : 'no');
    const rows = findings.map(({ part, present, usable, needed, version, advice }) => [
      part,
      yes(present),
      needed && !usable ? red('no') : yes(usable),
      version,
      dim(advice),
    ]);
    const verdict =
      broken.length === 0
        ? 'Everything that retable needs is here; the rest is optional.'
        : `retable needs ${listed(
            broken.map(({ part }) => part),
            'and',
          )}: what to do stands beside it.`;
    const header = ['part', 'present', 'usable', 'version', 'what to do'].map((title) => bold(title));
    terminal.out([...textTable([header, ...rows], [], howTold(terminal).width), '', verdict].join('\n'));
  }
  return broken.length === 0 ? EXIT.done : EXIT.failed;
};

async function examineAll(): Promise<readonly Finding[]> {
  const programs = await Promise.all([
    npm(),
    gpu(),
    mlflow(),
    ...Object.values(launchers).flatMap(({ doctor }: LauncherKind) => doctor?.() ?? []),
  ]);
  const [npmFound, gpuFound, ...others] = programs;
  const engines: Finding[] = [];
  // One after another: TensorFlow.js has one current backend.
  for (const [kind, device] of ENGINES) {
    if (gpuFound.present || kind !== 'tensorflow' || device !== 'cuda')
      engines.push(await (device === 'cpu' ? tryEngine : tryEngineApart)(kind, device));
  }
  return [node(), npmFound, ...engines, processor(), gpuFound, ...others];
}

const ENGINES: readonly (readonly [EngineKind, Device])[] = [
  ['compiled', 'cpu'],
  ['compiled', 'webgpu'],
  ['compiled', 'cuda'],
  ['tensorflow', 'cpu'],
  ['tensorflow', 'cuda'],
  ['eager-wasm', 'cpu'],
  ['eager-js', 'cpu'],
];

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const usable = (major > 20 || (major === 20 && minor >= 20)) && major < 27;
  return {
    part: 'Node',
    present: true,
    usable,
    version: process.versions.node,
    advice: usable ? '' : 'install a version from 20.20 to 26: https://nodejs.org',
    needed: true,
  };
}

const npm = async (): Promise<Finding> =>
  optionalPart('npm', await firstLine('npm', ['--version']), 'comes with Node; needed to install, not to run');

const processor = (): Finding => ({
  part: 'threads',
  present: true,
  usable: true,
  version: String(availableParallelism()),
  advice: cpus()[0]?.model.trim() ?? '',
  needed: false,
});

const gpu = async (): Promise<Finding> =>
  optionalPart(
    'GPU of NVIDIA',
    await firstLine('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']),
    'no driver answers; nothing of retable needs one',
  );

const mlflow = async (): Promise<Finding> =>
  optionalPart(
    'MLflow',
    (await pythonPackage('mlflow')) ?? versionIn(await firstLine('mlflow', ['--version'])),
    'pip install mlflow, for retable ui; runs are recorded without it',
  );
