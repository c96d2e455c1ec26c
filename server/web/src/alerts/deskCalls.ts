import { answered, ifMatch, server, underKey } from '@/api/client'
import type { Alert, Task } from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
export type Candidate = Schemas['CandidateInfo']
export type Verification = Schemas['Verification-Output']
export type NewVerification = Schemas['NewVerification']

type Seen = Pick<Alert, 'id' | 'version'>

const of = ({ id, version }: Seen): { path: { alert_id: string }; header: { 'if-match': string } } => ({
  path: { alert_id: id },
  header: ifMatch(version),
})

export const noteAlert = (alert: Seen, note: string): Promise<Alert> =>
  answered(
    server.POST('/api/v1/alerts/{alert_id}/notes', {
      params: { path: { alert_id: alert.id } },
      body: { note },
    }),
  )

export const shelveAlert = (alert: Seen, until: string, note: string): Promise<Alert> =>
  answered(server.POST('/api/v1/alerts/{alert_id}/shelve', { params: of(alert), body: { until, note } }))

export const unshelveAlert = (alert: Seen, note: string): Promise<Alert> =>
  answered(server.POST('/api/v1/alerts/{alert_id}/unshelve', { params: of(alert), body: { note } }))

export const reopenAlert = (alert: Seen, note: string): Promise<Alert> =>
  answered(server.POST('/api/v1/alerts/{alert_id}/reopen', { params: of(alert), body: { note } }))

export const assignAlert = (alert: Seen, to: string, note: string | null): Promise<Alert> =>
  answered(server.POST('/api/v1/alerts/{alert_id}/assignment', { params: of(alert), body: { to, note } }))

export const getCandidates = async (alert: string): Promise<Candidate[]> =>
  (
    await answered(
      server.GET('/api/v1/alerts/{alert_id}/candidates', { params: { path: { alert_id: alert } } }),
    )
  ).items

export const sendOfficer = (
  alert: Seen,
  login: string,
  note: string | null,
  key: string,
): Promise<Task> =>
  answered(
    server.POST('/api/v1/alerts/{alert_id}/tasks', {
      params: { path: { alert_id: alert.id }, header: { ...underKey(key), ...ifMatch(alert.version) } },
      body: { login, note },
    }),
  )

export const getAlertTasks = async (alert: string): Promise<Task[]> =>
  (
    await answered(
      server.GET('/api/v1/alerts/{alert_id}/tasks', { params: { path: { alert_id: alert } } }),
    )
  ).items

export const getVerifications = async (alert: string): Promise<Verification[]> =>
  (
    await answered(
      server.GET('/api/v1/alerts/{alert_id}/verifications', { params: { path: { alert_id: alert } } }),
    )
  ).items

export const askVerification = (
  alert: Seen,
  body: NewVerification,
  key: string,
): Promise<Verification> =>
  answered(
    server.POST('/api/v1/alerts/{alert_id}/verifications', {
      params: { path: { alert_id: alert.id }, header: { ...underKey(key), ...ifMatch(alert.version) } },
      body,
    }),
  )

export const reportVerification = (
  verification: Verification,
  body: Schemas['VerificationResult'],
): Promise<Verification> =>
  answered(
    server.POST('/api/v1/alert-verifications/{verification_id}/result', {
      params: {
        path: { verification_id: verification.id },
        header: ifMatch(verification.version),
      },
      body,
    }),
  )
