/**
 * What infra/ promises, read off the compiled templates and the snapshots of both environments. Compiled once here; each
 * promise is in a file of its own, promises/.
 */
import { compile, type Compiled } from './compiled';
import { alerts } from './promises/alerts';
import { entities } from './promises/entities';
import { functions } from './promises/functions';
import { keys } from './promises/keys';
import { network } from './promises/network';
import { roles } from './promises/roles';
import { settings } from './promises/settings';

const compiled = compile();

(compiled ? describe : describe.skip)('infra', () => {
  it('compiles and is clean to the linter, in both environments and on every back end', () => {
    expect(compiled!.output).toBe('infra: 3 templates, 4 environments, clean\n');
    expect(compiled!.exitCode).toBe(0);
  });

  for (const promise of [keys, settings, roles, network, functions, entities, alerts]) promise(compiled as Compiled);
});
