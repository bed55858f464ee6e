/** Everything that a host holds, for tests: instances with histories, entities with states and what waits for them. */
import { entityStatus, instanceStatus, rawHistory } from '../core/statusView';
import type { Engine } from '../loop/engine';

export function dump(engine: Engine): unknown {
  const options = { showInput: true, showHistory: false, showHistoryOutput: false };
  const instances = [];
  const entities = [];
  for (const id of engine.store.sortedIds()) {
    const record = engine.store.instance(id);
    if (record)
      instances.push({
        ...instanceStatus(record, options),
        executionId: record.executionId,
        history: rawHistory(record),
      });
    const entity = engine.store.entity(id);
    if (entity)
      entities.push({
        ...entityStatus(entity, options),
        state: entity.state,
        waiting: entity.inbox,
        lock: entity.lock,
      });
  }
  return { now: new Date(engine.now()).toISOString(), instances, entities };
}
