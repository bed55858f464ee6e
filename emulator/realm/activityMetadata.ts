/**
 * context.triggerMetadata of an activity: the real host repeats the input there twice, and an object's members beside it.
 * Made only when somebody looks, since it parses and copies the input again each time.
 * Source: recorded/activity-values; @azure/functions src/converters/fromRpcTriggerMetadata.ts (names begin in lower case).
 */

type Metadata = Record<string, unknown>;

/** `payload`: text of the trigger, null when the call had no input: then the instance id stands alone. */
export function addInput(context: object, triggerName: string, payload: string | null): void {
  if (payload === null) return;
  const before = (context as { triggerMetadata?: Metadata }).triggerMetadata ?? {};
  const keep = (value: Metadata | undefined): void =>
    void Object.defineProperty(context, 'triggerMetadata', {
      value,
      writable: true,
      configurable: true,
      enumerable: true,
    });
  Object.defineProperty(context, 'triggerMetadata', {
    configurable: true,
    enumerable: true,
    get() {
      const made = withInput(before, triggerName, payload);
      keep(made);
      return made;
    },
    set: keep,
  });
}

function withInput(before: Metadata, triggerName: string, payload: string): Metadata {
  const input = camelCased(parsedOrText(payload));
  const out: Metadata = { ...before, [triggerName]: input, data: input };
  if (payload.startsWith('{') && typeof input === 'object' && input !== null) {
    for (const [key, value] of Object.entries(input)) if (!(key in out)) out[key] = value;
  }
  return out;
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k.charAt(0).toLowerCase() + k.slice(1), camelCased(v)]),
  );
}
