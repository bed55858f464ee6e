/**
 * The host's clock: virtual (it stands until moved) or real (the machine's, shifted to the chosen start). Leaves out
 * when it is moved (engine).
 */
import { realNow } from '../realm/virtualTime';
import type { ClockMode } from '../types';

export class Clock {
  private virtualMs: number;
  private readonly offsetMs: number;

  constructor(
    public mode: ClockMode,
    startAtMs: number,
  ) {
    this.virtualMs = startAtMs;
    this.offsetMs = startAtMs - realNow();
  }

  now(): number {
    return this.mode === 'real' ? realNow() + this.offsetMs : this.virtualMs;
  }

  /** Never goes back; no effect on a real clock. */
  moveTo(atMs: number): void {
    if (atMs > this.virtualMs) this.virtualMs = atMs;
  }
}
