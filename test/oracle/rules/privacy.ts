/**
 * Rule 11 over every file of the output outside `recording/`: no first or last name (whole words of three letters or
 * more, by case), no phone, no birth date of any roster row, good or bad.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Patient, Recording } from '../readRecording';
import type { Report } from '../violations';

/** Looks for the personal data of the roster in some text; names where, never what. */
export function personalDataIn(text: string, people: Patient[]): string[] {
  const found: string[] = [];
  const words = new Set(text.match(/[\p{L}\p{M}'’-]{3,}/gu) ?? []);
  for (const part of [...words]) for (const piece of part.split(/['’-]/)) words.add(piece);
  const digits = new Set(text.match(/\d{8,15}/g) ?? []);
  people.forEach((person, i) => {
    for (const field of ['firstName', 'lastName'] as const) {
      const name = person[field] ?? '';
      if (name.length < 3) continue;
      const hit = /[\s]/.test(name) ? text.includes(name) : words.has(name);
      if (hit) found.push(`${field} of record ${i + 1}`);
    }
    const phone = (person.phone ?? '').replace(/\D/g, '');
    if (phone.length >= 8 && digits.has(phone)) found.push(`phone of record ${i + 1}`);
    if (/^\d{4}-\d\d-\d\d$/.test(person.birthDate ?? '') && text.includes(person.birthDate)) {
      found.push(`birthDate of record ${i + 1}`);
    }
  });
  return found;
}

const NOBODY = { patientId: '', firstName: '', lastName: '', timeZone: '', category: '', birthDate: '' };

export function checkPrivacy(folder: string, recording: Recording, report: Report): void {
  const { startsOn } = recording.campaign;
  // A bad birth date after the start may be any date of the campaign.
  const people = recording.roster.personal.map((person) =>
    person.birthDate > startsOn ? { ...person, birthDate: '' } : person,
  );
  for (const file of recording.files.values()) {
    for (const { phone } of file.rows) people.push({ ...NOBODY, phone });
  }
  for (const path of filesUnder(folder)) {
    const name = relative(folder, path);
    if (name.startsWith('recording/')) continue;
    for (const what of personalDataIn(readFileSync(path, 'utf8'), people)) report('11', `${name} holds the ${what}`);
  }
}

export function filesUnder(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesUnder(path) : [path];
    });
}
