import { after, answered, ifMatch as seen, server } from '@/api/client'
import type {
  Alert,
  AlertCounts,
  AlertState,
  Command,
  Enrolled,
  FactorOffer,
  Ledger,
  MapLayers,
  NewCommand,
  Page,
  PositionColumns,
  Session,
  Status,
  Subject,
  SubjectSummary,
  TrackColumns,
  Verdict,
} from '@/api/types'
import type { Purpose } from '@/subjects/purposes'

const COMMANDS_OF_A_PAGE = 20
const PEOPLE_OF_A_PAGE = 50

export const postSession = (login: string, password: string): Promise<Session> =>
  answered(server.POST('/api/v1/session', { body: { login, password } }), true)

export const postCode = (code: string): Promise<Session> =>
  answered(server.POST('/api/v1/session/code', { body: { code } }), true)

export const postPassword = (old: string, password: string): Promise<undefined> =>
  answered(server.POST('/api/v1/me/password', { body: { old, new: password } }), true)

/** A secret for an authenticator app; nothing is enrolled yet. */
export const offerFactor = (): Promise<FactorOffer> =>
  answered(server.POST('/api/v1/session/factor'))

export const enrolFactor = (ticket: string, code: string): Promise<Enrolled> =>
  answered(server.PUT('/api/v1/session/factor', { body: { ticket, code } }), true)

export const getSession = (): Promise<Session> => answered(server.GET('/api/v1/session'), true)

/** Ask whether the session is still known; where it is not, the page leads to the sign-in. */
export const checkSession = (): Promise<Session> => answered(server.GET('/api/v1/session'))

export const deleteSession = (): Promise<undefined> => answered(server.DELETE('/api/v1/session'))

export const getMapLayers = (): Promise<MapLayers> => answered(server.GET('/api/v1/map'))

export const getStatus = (): Promise<Status> => answered(server.GET('/api/v1/status'))

export const getPositions = (): Promise<PositionColumns> => answered(server.GET('/api/v1/positions'))

export const getAlertCounts = (): Promise<AlertCounts> =>
  answered(server.GET('/api/v1/alerts/counts'))

export const getAlerts = (
  state: AlertState,
  cursor: string | null,
  limit: number,
): Promise<Page<Alert>> =>
  answered(server.GET('/api/v1/alerts', { params: { query: { state: [state], limit, ...after(cursor) } } }))

export const getAlert = (alert: string): Promise<Alert> =>
  answered(server.GET('/api/v1/alerts/{alert_id}', { params: { path: { alert_id: alert } } }))

/** Which alerts were on this screen and which were opened; it may be said again. */
export const postSeen = (seen: { shown: string[]; opened: string[] }): Promise<undefined> =>
  answered(server.POST('/api/v1/alerts/seen', { body: seen }))

/** `version` is what the person saw; the server answers 412 when someone was faster. */
export const acknowledgeAlert = (alert: string, version: number): Promise<Alert> =>
  answered(
    server.POST('/api/v1/alerts/{alert_id}/acknowledge', {
      params: { path: { alert_id: alert }, header: seen(version) },
      body: {},
    }),
  )

export const resolveAlert = (
  alert: string,
  version: number,
  verdict: Verdict,
  note: string,
): Promise<Alert> =>
  answered(
    server.POST('/api/v1/alerts/{alert_id}/resolve', {
      params: { path: { alert_id: alert }, header: seen(version) },
      body: { verdict, note },
    }),
  )

export const getSubjects = (
  text: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page<SubjectSummary>> => {
  const query = { limit: PEOPLE_OF_A_PAGE, ...(text === '' ? {} : { q: text }), ...after(cursor) }
  return answered(server.GET('/api/v1/subjects', { params: { query }, signal }))
}

/** Names alone, as many as a page holds. */
export const getNames = (cursor: string | null): Promise<Page<SubjectSummary>> =>
  answered(server.GET('/api/v1/subjects', { params: { query: { limit: 200, ...after(cursor) } } }))

export const getSubject = (subject: string): Promise<Subject> =>
  answered(server.GET('/api/v1/subjects/{subject_id}', about(subject)))

export const getLedger = (subject: string): Promise<Ledger> =>
  answered(server.GET('/api/v1/subjects/{subject_id}/ledger', about(subject)))

export const getTrack = (
  subject: string,
  fromMs: number,
  toMs: number,
  reason: { purpose: Purpose; ref: string; words?: string },
): Promise<TrackColumns> => {
  const query = {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ...reason,
  }
  const params = { path: { subject_id: subject }, query }
  return answered(server.GET('/api/v1/subjects/{subject_id}/track', { params }))
}

export const getCommands = (device: string, cursor: string | null): Promise<Page<Command>> => {
  const query = { limit: COMMANDS_OF_A_PAGE, ...after(cursor) }
  const params = { path: { device_id: device }, query }
  return answered(server.GET('/api/v1/devices/{device_id}/commands', { params }))
}

/** The same key again changes nothing: a call whose answer was lost may be repeated. */
export const postCommand = (device: string, body: NewCommand, key: string): Promise<Command> =>
  answered(
    server.POST('/api/v1/devices/{device_id}/commands', {
      params: { path: { device_id: device }, header: { 'idempotency-key': key } },
      body,
    }),
  )

export const approveCommand = (command: string): Promise<Command> =>
  answered(
    server.POST('/api/v1/commands/{command_id}/approve', {
      params: { path: { command_id: command } },
    }),
  )

export const withdrawCommand = (command: string): Promise<Command> =>
  answered(
    server.DELETE('/api/v1/commands/{command_id}', { params: { path: { command_id: command } } }),
  )

const about = (subject: string): { params: { path: { subject_id: string } } } => ({
  params: { path: { subject_id: subject } },
})
