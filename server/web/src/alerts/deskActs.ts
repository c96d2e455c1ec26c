import {
  askVerification,
  assignAlert,
  noteAlert,
  reopenAlert,
  reportVerification,
  sendOfficer,
  shelveAlert,
  unshelveAlert,
  type Candidate,
  type NewVerification,
  type Verification,
} from '@/alerts/deskCalls'
import { isWaiting } from '@/alerts/queue'
import type { Alert } from '@/api/types'
import { i18n } from '@/i18n'
import { instantOf, localOf, orNull, type Act, type Field } from '@/ui/acts'
import { serverNowMs } from '@/ui/clock'

/** Whoever calls for help, cuts a strap or opens a case is never set aside. */
const NEVER_SHELVED: readonly string[] = ['sos', 'strap', 'case', 'removed']
const MEANS = ['field_visit', 'call', 'device_check', 'records'] as const
const OUTCOMES = ['founded', 'unfounded', 'inconclusive'] as const
const HOUR_MS = 3_600_000

const t = (word: string, named: Record<string, unknown> = {}): string => i18n.global.t(word, named)

const note = (isOptional = false): Field => ({
  id: 'note',
  text: t('desk.note'),
  kind: 'area',
  least: 2,
  isOptional,
})

function who(candidates: readonly Candidate[]): Field {
  return {
    id: 'login',
    text: t('desk.whom'),
    kind: 'choice',
    options: candidates.map((one) => ({
      value: one.login,
      text: [
        one.name,
        t(`desk.availability.${one.availability}`),
        ...(one.distance_m === null
          ? [t('desk.noPlace')]
          : [t('desk.away', { km: (one.distance_m / 1_000).toFixed(1) })]),
        ...(one.position?.stale === true ? [t('desk.stale')] : []),
      ].join(' · '),
    })),
  }
}

/** What may be done with an alert besides taking it on and deciding it. */
export function deskActs(alert: Alert, candidates: readonly Candidate[], login: string): Act[] {
  const waiting = isWaiting(alert)
  const acts: Act[] = waiting && candidates.length > 0 ? sendingActs(alert, candidates) : []
  if (waiting && alert.assigned_to !== login) {
    acts.push({
      id: 'take',
      text: t('desk.take'),
      run: () => assignAlert(alert, login, null),
    })
  }
  if (waiting && !NEVER_SHELVED.includes(alert.rule)) {
    acts.push({
      id: 'shelve',
      text: t('desk.shelve'),
      explain: t('desk.shelveExplain'),
      fields: [
        { id: 'until', text: t('desk.until'), kind: 'time', start: localOf(serverNowMs() + 4 * HOUR_MS) },
        note(),
      ],
      run: (values) => shelveAlert(alert, instantOf(values.until ?? ''), values.note ?? ''),
    })
  }
  if (alert.state === 'shelved') {
    acts.push({
      id: 'unshelve',
      text: t('desk.unshelve'),
      fields: [note()],
      run: (values) => unshelveAlert(alert, values.note ?? ''),
    })
  }
  if (alert.state === 'resolved' && alert.verdict !== 'confirmed') {
    acts.push({
      id: 'reopen',
      text: t('desk.reopen'),
      fields: [note()],
      run: (values) => reopenAlert(alert, values.note ?? ''),
    })
  }
  acts.push({
    id: 'note',
    text: t('desk.addNote'),
    fields: [note()],
    run: (values) => noteAlert(alert, values.note ?? ''),
  })
  return acts
}

/** Who goes there, and who finds out. */
function sendingActs(alert: Alert, candidates: readonly Candidate[]): Act[] {
  return [
    {
      id: 'dispatch',
      text: t('desk.dispatch'),
      explain: t('desk.dispatchExplain'),
      fields: [who(candidates), note(true)],
      run: (values, key) => sendOfficer(alert, values.login ?? '', orNull(values.note), key),
    },
    {
      id: 'verify',
      text: t('desk.verify'),
      explain: t('desk.verifyExplain'),
      fields: [choice('means', MEANS), who(candidates), note(true)],
      run: (values, key) =>
        askVerification(
          alert,
          {
            means: values.means as NewVerification['means'],
            assigned_to: values.login ?? '',
            note: orNull(values.note),
          },
          key,
        ),
    },
  ]
}

/** What whoever was asked to find out may say. */
export function resultAct(verification: Verification): Act[] {
  if (verification.state !== 'open') {
    return []
  }
  return [
    {
      id: `result-${verification.id}`,
      text: t('desk.result'),
      fields: [
        { ...choice('means', MEANS), start: verification.means },
        choice('outcome', OUTCOMES),
        { id: 'at', text: t('desk.happened'), kind: 'time', start: localOf(serverNowMs()) },
        { id: 'report', text: t('desk.report'), kind: 'area', least: 2 },
      ],
      run: (values) =>
        reportVerification(verification, {
          means: values.means as Verification['means'],
          outcome: values.outcome as (typeof OUTCOMES)[number],
          happened_time: instantOf(values.at ?? ''),
          report: values.report ?? '',
        }),
    },
  ]
}

function choice(id: 'means' | 'outcome', values: readonly string[]): Field {
  return {
    id,
    text: t(`desk.${id}Label`),
    kind: 'choice',
    options: values.map((value) => ({ value, text: t(`desk.${id}.${value}`) })),
  }
}
