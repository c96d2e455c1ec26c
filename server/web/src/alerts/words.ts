/** What an alert says of itself, and what may be said of it. */

import { VERDICTS, type Alert, type EvidenceReport, type Verdict } from '@/api/types'
import { i18n, wordFor } from '@/i18n'

/** The rule's name: this console's own, else the engine's, else its id. */
export function ruleName(alert: Pick<Alert, 'rule' | 'title'>): string {
  const known = wordFor('alert.rule', alert.rule)
  if (known !== alert.rule || alert.title === null) {
    return known
  }
  return i18n.global.locale.value === 'en' ? capitalised(alert.title.en) : alert.title.zh
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Whom it is about: the person, else the organisation. */
export function aboutWhom(alert: Pick<Alert, 'subject' | 'org'>): string {
  return alert.subject?.name ?? alert.org
}

/** What is only told, or about nobody, is no fact about a person: the server refuses to confirm. */
export function verdictsFor(alert: Pick<Alert, 'category' | 'subject'>): readonly Verdict[] {
  const isTold = alert.category === 'care' || alert.category === 'notice'
  return isTold || alert.subject === null ? VERDICTS.filter((verdict) => verdict !== 'confirmed') : VERDICTS
}

/** The reports that an alert rests on; the engine's own words, which no contract lists. */
export function reportsOf(alert: Pick<Alert, 'evidence'>): readonly EvidenceReport[] {
  const { reports } = alert.evidence as { reports?: readonly EvidenceReport[] }
  return reports ?? []
}

/** What a report's distance goes to: a fence's border, the other person of a pair, or nothing. */
export function distanceIsTo(
  rule: string,
  reports: readonly EvidenceReport[],
): 'border' | 'other' | null {
  if (!reports.some((report) => typeof report.distance_m === 'number')) {
    return null
  }
  return rule === 'no_contact' ? 'other' : 'border'
}
