import { request } from '@/api/client'
import type {
  Alert,
  AlertCounts,
  AlertState,
  Command,
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

const id = encodeURIComponent

export const postSession = (login: string, password: string): Promise<Session> =>
  request('/session', { method: 'POST', body: { login, password }, isSignIn: true })

export const getSession = (): Promise<Session> => request('/session', { isSignIn: true })

export const deleteSession = (): Promise<undefined> => request('/session', { method: 'DELETE' })

export const getMapLayers = (): Promise<MapLayers> => request('/map')

export const getStatus = (): Promise<Status> => request('/status')

export const getPositions = (): Promise<PositionColumns> => request('/positions')

export const getAlertCounts = (): Promise<AlertCounts> => request('/alerts/counts')

export function getAlerts(
  state: AlertState,
  cursor: string | null,
  limit: number,
): Promise<Page<Alert>> {
  const query = new URLSearchParams({ state, limit: String(limit) })
  if (cursor !== null) {
    query.set('cursor', cursor)
  }
  return request(`/alerts?${query.toString()}`)
}

export const getAlert = (alert: string): Promise<Alert> => request(`/alerts/${id(alert)}`)

/** `version` is what the person saw; the server answers 412 when someone was faster. */
export const acknowledgeAlert = (alert: string, version: number): Promise<Alert> =>
  request(`/alerts/${id(alert)}/acknowledge`, {
    method: 'POST',
    body: {},
    headers: { 'If-Match': `"${String(version)}"` },
  })

export const resolveAlert = (
  alert: string,
  version: number,
  verdict: Verdict,
  note: string,
): Promise<Alert> =>
  request(`/alerts/${id(alert)}/resolve`, {
    method: 'POST',
    body: { verdict, note },
    headers: { 'If-Match': `"${String(version)}"` },
  })

export function getSubjects(
  text: string,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Page<SubjectSummary>> {
  const query = new URLSearchParams({ limit: '50' })
  if (text !== '') {
    query.set('q', text)
  }
  if (cursor !== null) {
    query.set('cursor', cursor)
  }
  return request(`/subjects?${query.toString()}`, { signal })
}

export const getSubject = (subject: string): Promise<Subject> => request(`/subjects/${id(subject)}`)

export const getLedger = (subject: string): Promise<Ledger> =>
  request(`/subjects/${id(subject)}/ledger`)

export function getTrack(
  subject: string,
  fromMs: number,
  toMs: number,
  purpose: string,
): Promise<TrackColumns> {
  const query = new URLSearchParams({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    purpose,
  })
  return request(`/subjects/${id(subject)}/track?${query.toString()}`)
}

export const getCommands = (device: string, cursor: string | null): Promise<Page<Command>> =>
  request(
    `/devices/${id(device)}/commands?limit=20${cursor === null ? '' : `&cursor=${id(cursor)}`}`,
  )

/** The same key again changes nothing: a call whose answer was lost may be repeated. */
export const postCommand = (device: string, body: NewCommand, key: string): Promise<Command> =>
  request(`/devices/${id(device)}/commands`, {
    method: 'POST',
    body,
    headers: { 'Idempotency-Key': key },
  })

export const approveCommand = (command: string): Promise<Command> =>
  request(`/commands/${id(command)}/approve`, { method: 'POST' })

export const withdrawCommand = (command: string): Promise<Command> =>
  request(`/commands/${id(command)}`, { method: 'DELETE' })
