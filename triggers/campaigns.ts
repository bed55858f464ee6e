/** HTTP routes of a campaign: roster, start, progress, control. Parse, call, respond. */
import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import * as df from 'durable-functions';
import { policyProblems, takeControl, type ControlCommand } from '../activities/control';
import type { CampaignStatus } from '../activities/status';
import { startCampaign } from '../activities/startCampaign';
import { takeRoster } from '../activities/takeRoster';
import { BadInput, nameOf, quote, type Problem } from '../domain/problem';
import { isId } from '../domain/roster';
import { adaptiveInstanceId, CAMPAIGN } from '../orchestrators/names';
import { messengerOf } from '../services/messenger';
import type { Services } from '../services/services';
import { answering, json, jsonOf, problem, textOf } from './http';

export function putRoster(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const id = campaignIdOf(request);
      const result = await takeRoster(services, id, await textOf(request), services.clock.now());
      return result ? json(200, result) : problem(409, `campaign ${id} has started; its roster cannot change`);
    });
}

export function postStart(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const id = campaignIdOf(request);
      const client = df.getClient(context);
      // The host may remember what the tables do not: a second instance would replace the first without a word.
      if (await statusOf(client, id)) return problem(409, `a campaign ${id} was started before`);
      const start = async (status: CampaignStatus) => {
        await client.startNew(CAMPAIGN, { instanceId: id, input: { campaignId: id, status } });
      };
      const mayRun = async () => Boolean(await statusOf(client, id));
      const started = await startCampaign(services, id, await jsonOf(request), services.clock.now(), start, mayRun);
      if (started === 'EXISTS') return problem(409, `a campaign ${id} was started before`);
      if (started === 'NO_ROSTER') return problem(412, `campaign ${id} has no roster; PUT it first`);
      return client.createCheckStatusResponse(request, id) as HttpResponseInit;
    });
}

export function getCampaign(): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const id = campaignIdOf(request);
      const client = df.getClient(context);
      const status = await statusOf(client, id);
      if (!status) return problem(404, `no campaign ${id}`);
      // While the adaptive weeks run, they know better than the campaign that waits for them.
      const running = status.runtimeStatus === df.OrchestrationRuntimeStatus.Running;
      const adaptive = running ? await statusOf(client, adaptiveInstanceId(id)) : null;
      const progress = (adaptive?.customStatus ?? status.customStatus ?? {}) as object;
      return json(200, {
        campaignId: id,
        runtimeStatus: status.runtimeStatus,
        ...progress,
        links: client.createHttpManagementPayload(id),
      });
    });
}

export function postControl(services: Services, kind: 'pause' | 'resume' | 'cancel'): HttpHandler {
  return control(services, async (body) => {
    refuse(byProblems(body, ['by']));
    return { kind, by: (body as { by: string }).by };
  });
}

export function patchPolicy(services: Services): HttpHandler {
  return control(services, async (body, campaignId) => {
    const problems = byProblems(body, ['by', 'policy']);
    const { by, policy } = (body ?? {}) as { by?: unknown; policy?: unknown };
    if (policy === null || typeof policy !== 'object' || Array.isArray(policy))
      problems.push({ field: 'policy', value: quote(policy), expected: 'an object of the fields that change' });
    // A policy that stands alone is checked where it takes effect.
    else if (problems.length > 0) problems.push(...(await policyProblems(services, campaignId, policy)));
    refuse(problems);
    return { kind: 'policy', by: by as string, policy };
  });
}

function control(
  services: Services,
  parse: (body: unknown, campaignId: string) => Promise<ControlCommand>,
): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const id = campaignIdOf(request);
      const command = await parse(await jsonOf(request), id);
      const result = await takeControl(services, messengerOf(context), id, command, services.clock.now());
      if (result === 'UNKNOWN') return problem(404, `no campaign ${id}`);
      return result === 'ENDED' ? problem(409, `campaign ${id} has ended`) : json(202, { campaignId: id });
    });
}

function byProblems(body: unknown, fields: readonly string[]): Problem[] {
  const by = (body as { by?: unknown } | null)?.by;
  const problems: Problem[] =
    body !== null && typeof body === 'object'
      ? Object.keys(body)
          .filter((key) => !fields.includes(key))
          .map((key) => ({ field: nameOf(key), expected: `no field but ${fields.join(', ')}` }))
      : [];
  if (typeof by !== 'string' || !isId(by))
    problems.push({
      field: 'by',
      value: quote(by),
      expected: 'the id of who asks, 1 to 64 letters, digits and hyphens',
    });
  return problems;
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new BadInput('the body is not valid', problems);
}

export function campaignIdOf(request: HttpRequest): string {
  const id = request.params['id'] ?? '';
  if (!isId(id))
    throw new BadInput('the address is not valid', [
      { field: 'id', value: quote(id), expected: 'an id of 1 to 64 letters, digits and hyphens' },
    ]);
  return id;
}

async function statusOf(client: df.DurableClient, instanceId: string): Promise<df.DurableOrchestrationStatus | null> {
  try {
    return await client.getStatus(instanceId);
  } catch (error) {
    if (error instanceof Error && /404/.test(error.message)) return null;
    throw error;
  }
}
