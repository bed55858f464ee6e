/** HTTP route of the rebuild: `POST /api/campaigns/{id}/rebuild`, body `{what?, dryRun?, from?}`. Parse, call, respond. */
import type { HttpHandler } from '@azure/functions';
import * as df from 'durable-functions';
import { PARTS, rebuild, type ReadPatient, type RebuildRequest } from '../activities/rebuild';
import { patientStateOf, type PatientState } from '../domain/patient';
import { BadInput, nameOf, quote, type Problem } from '../domain/problem';
import { PATIENT_ENTITY } from '../services/messenger';
import type { Services } from '../services/services';
import { campaignIdOf } from './campaigns';
import { answering, json, jsonOf, problem } from './http';

export function postRebuild(services: Services): HttpHandler {
  return (request, context) =>
    answering(context, async () => {
      const campaignId = campaignIdOf(request);
      const asked = requestOf(await jsonOf(request));
      const report = await rebuild(services, readPatientWith(df.getClient(context)), { campaignId, ...asked });
      return report ? json(200, report) : problem(404, `no campaign ${campaignId}`);
    });
}

function readPatientWith(client: df.DurableClient): ReadPatient {
  return async (patientId) => {
    const read = await client.readEntityState<PatientState>(new df.EntityId(PATIENT_ENTITY, patientId));
    return read.entityExists ? patientStateOf(read.entityState) : null;
  };
}

const FIELDS = ['what', 'dryRun', 'from'];

/** Throws `BadInput`. */
function requestOf(body: unknown): Omit<RebuildRequest, 'campaignId'> {
  const problems: Problem[] = [];
  const isObject = body !== null && typeof body === 'object' && !Array.isArray(body);
  if (!isObject) problems.push({ field: 'body', value: quote(body), expected: 'an object' });
  const given = (isObject ? body : {}) as Record<string, unknown>;
  for (const name of Object.keys(given))
    if (!FIELDS.includes(name)) problems.push({ field: nameOf(name), expected: `no field but ${FIELDS.join(', ')}` });
  const { what = 'all', dryRun = false, from = 0 } = given;
  const part = PARTS.find((one) => one === what);
  if (!part) problems.push({ field: 'what', value: quote(what), expected: PARTS.join(', ') });
  if (typeof dryRun !== 'boolean') problems.push({ field: 'dryRun', value: quote(dryRun), expected: 'true or false' });
  if (!Number.isSafeInteger(from) || (from as number) < 0)
    problems.push({ field: 'from', value: quote(from), expected: 'the number of a bucket, from 0' });
  if (problems.length > 0 || !part) throw new BadInput('the body is not valid', problems);
  return { what: part, dryRun: dryRun as boolean, from: from as number };
}
