/**
 * The outside of a run with faults: as outside.ts, but a request that fails is made again, as its sender would, late
 * messages of the bus arrive in time, and at the end everything is held against everything else (audit.ts).
 */
import type { Outside, RealmHost, RealmRequest } from 'durable-emulator';
import type { Reply } from '../../domain/input';
import { startsAtMs } from '../../domain/schedule';
import { sharedWorld } from '../../services/world';
import { createOutside as createPlainOutside, type OutsideOptions } from '../outside';
import { audit } from './audit';
import type { FaultyWorld } from './world';

/** A sender tries this often; the faults of one request do not last longer. */
const ATTEMPTS_MAX = 40;

export function createOutside(realm: RealmHost, options?: OutsideOptions): Outside {
  const world = sharedWorld() as FaultyWorld;
  const insistent = {
    ...realm,
    request(request: RealmRequest) {
      if (request.path === '/api/sms/replies')
        for (const reply of JSON.parse(request.body ?? '[]') as Reply[]) world.ambush.onReply(reply);
      return insistently(realm, request);
    },
  };
  const plain = createPlainOutside(insistent, options, world.ambush);
  return {
    nextAt() {
      const next = [plain.nextAt(), world.faultyBus.nextAt()].filter((at) => at !== undefined);
      return next.length === 0 ? undefined : Math.min(...next);
    },
    async run(now) {
      // After a clock that jumped there are several instants to catch up with. Inputs of one count before what it brings.
      for (let at = plain.nextAt(); at !== undefined && at <= now; at = plain.nextAt()) await plain.run(at);
      await world.faultyBus.deliverDue(now);
    },
    async call(name, payload) {
      if (name === 'audit') return audit(realm, world, payload as string);
      if (name === 'faults') return world.faults.made;
      if (name === 'heldUp') return world.faultyBus.heldUp;
      if (name === 'harvest') world.faults.end();
      const result = await plain.call!(name, payload);
      if (name === 'play') world.faults.begin(startsAtMs((payload as OutsideOptions & { campaign: never }).campaign));
      return result;
    },
  };
}

async function insistently(realm: RealmHost, request: RealmRequest) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await realm.request(request);
    if (response.status < 500 || attempt >= ATTEMPTS_MAX) return response;
  }
}
