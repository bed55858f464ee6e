/** The first thing that a simulated host loads: it puts faulty services around the world that the app will ask for. */
import { createWorld, shareWorld } from '../../services/world';
import { drawPlan, Faults, type FaultLimits } from './plan';
import { faultyWorld } from './world';

/** To be called before the app is loaded; the app then finds the world made, and does not know. */
export function shareFaultyWorld(seed: number, limits: FaultLimits): void {
  const world = createWorld({});
  shareWorld(faultyWorld(world, new Faults(drawPlan(seed, limits), () => world.clock.now())));
}
