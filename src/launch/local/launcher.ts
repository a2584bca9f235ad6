import { Type } from '../../language/type.js';
import { workers } from '../common-options.js';
import type { LauncherKind } from '../launcher-kind.js';
import { launchLocally } from './local.js';

const options = Type.Object({ workers: workers('Processes that train at the same time; one a core where left out.') });

/** Processes of this machine. */
export const local: LauncherKind<typeof options> = { options, outlives: false, launch: () => launchLocally };
