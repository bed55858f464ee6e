/**
 * Pause, resume, cancel and policy changes (design.md, "Control"). The row is the truth that every pass reads before it
 * sends; the event only wakes whoever sleeps.
 */
import { changePolicy, type Campaign } from '../domain/policy';
import { BadInput, type Problem } from '../domain/problem';
import { endsAtMs } from '../domain/schedule';
import type { Messenger } from '../services/messenger';
import { EVERYWHERE, ONLY, type CampaignState, type Control } from '../services/rows';
import type { Services } from '../services/services';
import { allRows } from '../services/tables';
import { audit } from './journal';

export type ControlCommand =
  | { readonly kind: 'pause' | 'resume' | 'cancel'; readonly by: string }
  | { readonly kind: 'policy'; readonly by: string; readonly policy: unknown };

/** Policies kept that are no longer in force: for a day that is opened late. */
const REPLACED_MAX = 10;

export type ControlResult = 'ACCEPTED' | 'UNKNOWN' | 'ENDED';

/** Throws `BadInput` for a policy that is not valid; nothing has changed then. */
export async function takeControl(
  services: Services,
  messenger: Messenger,
  campaignId: string,
  command: ControlCommand,
  atMs: number,
): Promise<ControlResult> {
  const campaign = await services.store.definitions.get(campaignId, ONLY);
  const state = await services.store.states.get(EVERYWHERE, campaignId);
  const control = await services.store.controls.get(campaignId, ONLY);
  if (!campaign || !state || !control) return 'UNKNOWN';
  if (!isLive(state)) return 'ENDED';
  const isCancelled = control.cancelledAtMs !== null;
  // A cancel that was cut off after its row is finished by whoever asks again.
  if (isCancelled ? command.kind !== 'cancel' : atMs > endsAtMs(campaign)) return 'ENDED';
  const after = await services.store.controls.update(campaignId, ONLY, (row) =>
    changed(row ?? control, command, campaign, atMs),
  );
  const detail = command.kind === 'policy' ? JSON.stringify(command.policy) : '';
  const done = command.kind === 'cancel' ? firstCancel(after, command.by, atMs) : { actor: command.by, atMs };
  // Whose an earlier release's cancel was it did not write down: it has its line, or none.
  const isOurs = !isCancelled || after.cancelledBy !== undefined;
  if (isOurs)
    await audit(services, campaignId, { ...done, action: `control.${command.kind}`, target: campaignId, detail });
  // Read anew: the one who sleeps may have changed since, and whoever listens from now on reads the row written above.
  await messenger.wake((await services.store.states.get(EVERYWHERE, campaignId))?.listener ?? state.listener);
  return isCancelled ? 'ENDED' : 'ACCEPTED';
}

/** Of two cancels the first holds. */
function firstCancel({ cancelledAtMs, cancelledBy }: Control, by: string, atMs: number) {
  return { actor: cancelledBy ?? by, atMs: cancelledAtMs ?? atMs };
}

/** What is wrong with a policy change, when nothing is to change yet. An unknown campaign: nothing. */
export async function policyProblems(
  services: Services,
  campaignId: string,
  change: unknown,
): Promise<readonly Problem[]> {
  const campaign = await services.store.definitions.get(campaignId, ONLY);
  const control = await services.store.controls.get(campaignId, ONLY);
  if (!campaign || !control) return [];
  try {
    changePolicy(control.policy, change, campaign.sendDays);
    return [];
  } catch (error) {
    if (error instanceof BadInput) return error.problems;
    throw error;
  }
}

function changed(control: Control, command: ControlCommand, campaign: Campaign, atMs: number): Control {
  switch (command.kind) {
    case 'pause':
      return { ...control, paused: true };
    case 'resume':
      return control.paused ? { ...control, paused: false, nudges: [...control.nudges, atMs] } : control;
    case 'cancel':
      return control.cancelledAtMs === null ? { ...control, cancelledAtMs: atMs, cancelledBy: command.by } : control;
    case 'policy':
      return {
        ...control,
        policy: changePolicy(control.policy, command.policy, campaign.sendDays),
        replaced: [...(control.replaced ?? []), { policy: control.policy, untilMs: atMs }].slice(-REPLACED_MAX),
        nudges: [...control.nudges, atMs],
      };
    default:
      return command satisfies never;
  }
}

/** Every campaign that sleeps looks again. */
export async function wakeCampaigns(services: Services, messenger: Messenger): Promise<void> {
  for (const { value } of await allRows(services.store.states, { pk: EVERYWHERE }))
    if (isLive(value)) await messenger.wake(value.listener);
}

function isLive(state: CampaignState): boolean {
  return state.status === 'WAITING' || state.status === 'RUNNING';
}
