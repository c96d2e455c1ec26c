import type { Command } from '@/api/types'

/** Newest first, as the server pages them; the id decides between equals. */
export function byNewest(a: Command, b: Command): number {
  const apart = Date.parse(b.requested_at) - Date.parse(a.requested_at)
  return apart === 0 ? Number(a.id < b.id) - Number(a.id > b.id) : apart
}

/**
 * The commands that this page knows, by id.
 *
 * Snapshots and live events come in any order and more than once; the higher version wins.
 */
export class CommandBook {
  private readonly byId = new Map<string, Command>()

  /** Returns whether it was news. */
  take(command: Command): boolean {
    const known = this.byId.get(command.id)
    if (known !== undefined && known.version >= command.version) {
      return false
    }
    this.byId.set(command.id, command)
    return true
  }

  ofDevice(device: string): Command[] {
    return [...this.byId.values()].filter((each) => each.device === device).sort(byNewest)
  }

  clear(): void {
    this.byId.clear()
  }
}
