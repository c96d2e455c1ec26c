/** Which alerts were on this screen, told to the server in batches (docs/http-duty-record.md). */

export interface Seen {
  shown: string[]
  opened: string[]
}

/** Of one call; the rest goes with the next. */
const MOST_AT_ONCE = 200

/** Gathers what was seen and tells each once; what could not be told is told again. */
export class SeenBook {
  private readonly told = { shown: new Set<string>(), opened: new Set<string>() }
  private readonly waiting = { shown: new Set<string>(), opened: new Set<string>() }
  private isTelling = false

  constructor(private readonly post: (seen: Seen) => Promise<unknown>) {}

  note(kind: keyof Seen, alert: string): void {
    if (!this.told[kind].has(alert)) {
      this.waiting[kind].add(alert)
    }
  }

  /** Tell what waits; answers whether anything is left to be told. */
  async tell(): Promise<boolean> {
    const seen = {
      shown: [...this.waiting.shown].slice(0, MOST_AT_ONCE),
      opened: [...this.waiting.opened].slice(0, MOST_AT_ONCE),
    }
    if (this.isTelling || seen.shown.length + seen.opened.length === 0) {
      return this.isTelling
    }
    this.isTelling = true
    try {
      await this.post(seen)
      for (const kind of ['shown', 'opened'] as const) {
        for (const alert of seen[kind]) {
          this.waiting[kind].delete(alert)
          this.told[kind].add(alert)
        }
      }
    } finally {
      this.isTelling = false
    }
    return this.waiting.shown.size + this.waiting.opened.size > 0
  }
}
