import type { Alert, AlertState } from '@/api/types'

/** Newest first, as the server pages them; the id decides between equals. */
export function byNewest(a: Alert, b: Alert): number {
  const apart = Date.parse(b.raised_at) - Date.parse(a.raised_at)
  return apart === 0 ? Number(a.id < b.id) - Number(a.id > b.id) : apart
}

const SEVERITY_RANK = { minor: 1, major: 2, critical: 3 } as const

export type Grade = keyof typeof SEVERITY_RANK

/** Whether somebody has to act on it. */
export function isWaiting(alert: Pick<Alert, 'state'>): boolean {
  return alert.state === 'open' || alert.state === 'acknowledged' || alert.state === 'dispatched'
}

/** The gravest alert of each subject on which somebody has to act. */
export function gradeBySubject(alerts: Iterable<Alert>): Map<string, Grade> {
  const grades = new Map<string, Grade>()
  for (const alert of alerts) {
    if (!isWaiting(alert) || alert.subject === null) {
      continue
    }
    const known = grades.get(alert.subject.id)
    if (known === undefined || SEVERITY_RANK[alert.severity] > SEVERITY_RANK[known]) {
      grades.set(alert.subject.id, alert.severity)
    }
  }
  return grades
}

/**
 * The alerts that this page knows, by id.
 *
 * Snapshots and live events come in any order and more than once; the higher version wins.
 */
export class AlertBook {
  private readonly byId = new Map<string, Alert>()

  get(id: string): Alert | undefined {
    return this.byId.get(id)
  }

  /** Returns whether it was news. Steps are kept when the same version comes without them. */
  take(alert: Alert): boolean {
    const known = this.byId.get(alert.id)
    if (known !== undefined) {
      const isSame = known.version === alert.version
      if (known.version > alert.version || (isSame && alert.steps === undefined)) {
        return false
      }
    }
    this.byId.set(alert.id, alert)
    return true
  }

  inState(state: AlertState): Alert[] {
    return [...this.byId.values()].filter((alert) => alert.state === state).sort(byNewest)
  }

  all(): Iterable<Alert> {
    return this.byId.values()
  }

  clear(): void {
    this.byId.clear()
  }
}
