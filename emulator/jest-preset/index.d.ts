/** Types of the preset's matchers: put `durable-emulator/jest-preset` into the `types` of your tests' tsconfig.json. */
declare namespace jest {
  interface Matchers<R> {
    /** Of a host, awaited: the instance has completed, with this output if one is given. */
    toHaveCompleted(instanceId: string, output?: unknown): Promise<R>;
    /** Of a host, awaited: the instance has failed, with this text in its output if one is given. */
    toHaveFailed(instanceId: string, text?: string | RegExp): Promise<R>;
  }
}
