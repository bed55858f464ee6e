/** What every activity of a campaign reads first. */
import type { Campaign, Policy } from '../domain/policy';
import { ServiceError } from '../services/errors';
import { EVERYWHERE, ONLY, type Books, type CampaignState, type Control, type RosterInfo } from '../services/rows';
import type { Services } from '../services/services';
import { replaceRow } from '../services/tables';

export interface CampaignContext {
  readonly campaign: Campaign;
  readonly control: Control;
  readonly policy: Policy;
  readonly books: Books;
  readonly roster: RosterInfo;
}

/** What never changes once a campaign has started, by campaign: read once a process, not with every activity. */
const settled = new WeakMap<Services['tables'], Map<string, Pick<CampaignContext, 'campaign' | 'roster'>>>();

/** Throws when the campaign was never started: our bug, not the user's. */
export async function readContext(services: Services, campaignId: string): Promise<CampaignContext> {
  const [fixed, control, books] = await Promise.all([
    readSettled(services, campaignId),
    services.store.controls.get(campaignId, ONLY),
    services.store.books.get(campaignId, ONLY),
  ]);
  if (!fixed || !control || !books) throw new Error(`campaign ${campaignId}: its rows are missing`);
  return { ...fixed, control, policy: control.policy, books };
}

/** Undefined: never started. `state`: of the campaign. */
export async function campaignOf(
  services: Services,
  campaignId: string,
  { preparingSinceMs }: CampaignState,
): Promise<Campaign | undefined> {
  if (preparingSinceMs === undefined) return (await readSettled(services, campaignId))?.campaign;
  // Its start may fail yet.
  return services.store.definitions.get(campaignId, ONLY);
}

/** A start that failed may be made again with another campaign.json. */
export function forgetContext(services: Services, campaignId: string): void {
  settled.get(services.tables)?.delete(campaignId);
}

async function readSettled(services: Services, campaignId: string) {
  const known = settled.get(services.tables) ?? new Map<string, Pick<CampaignContext, 'campaign' | 'roster'>>();
  settled.set(services.tables, known);
  const before = known.get(campaignId);
  if (before) return before;
  const [campaign, roster] = await Promise.all([
    services.store.definitions.get(campaignId, ONLY),
    services.store.rosters.get(campaignId, ONLY),
  ]);
  if (!campaign || !roster) return null;
  const fixed = { campaign, roster };
  known.set(campaignId, fixed);
  return fixed;
}

/** `context`: with the books that these follow. Throws CONFLICT when somebody else wrote them since. */
export async function writeBooks(services: Services, context: CampaignContext, books: Books): Promise<void> {
  const { campaignId } = context.campaign;
  const row = { pk: campaignId, rk: ONLY, value: books, before: context.books };
  if (!(await replaceRow(services.store.books, row)))
    throw new ServiceError('CONFLICT', `campaign ${campaignId}: somebody else wrote its books`);
}

/** From now on controls and files wake this orchestration. Before anything is read, so that no wake-up falls in between. */
export async function listen(services: Services, campaignId: string, listener: string): Promise<void> {
  const state = await services.store.states.get(EVERYWHERE, campaignId);
  if (!state || (state.listener === listener && state.status !== 'WAITING')) return;
  // An activity may be brought again after the campaign's end: that stays.
  await services.store.states.update(EVERYWHERE, campaignId, (row = state) =>
    row.endedAtMs === null ? { ...row, listener, status: 'RUNNING' } : row,
  );
}
