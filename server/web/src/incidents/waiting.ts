import { ruleName, aboutWhom } from '@/alerts/words'
import { getAlerts } from '@/api/calls'
import type { Alert } from '@/api/types'

const MOST = 100

/** The newest alerts on which somebody has to act: an incident is made of such. */
export async function getWaitingAlerts(): Promise<Alert[]> {
  const pages = await Promise.all(
    (['open', 'acknowledged', 'dispatched'] as const).map((state) => getAlerts(state, null, MOST)),
  )
  return pages.flatMap((page) => page.items)
}

/** An alert as a choice of a form. */
export const asChoice = (alert: Alert): { value: string; text: string } => ({
  value: alert.id,
  text: `${ruleName(alert)} · ${aboutWhom(alert)}`,
})
