/** The wire types of docs/http.md, in this one place. Times are RFC 3339 UTC. */

export type Role = 'admin' | 'supervisor' | 'officer' | 'auditor'

export interface Session {
  login: string
  name: string
  role: Role
  org: { id: string; level: string; name_zh: string; name_en: string }
  csrf_token: string
}

export type Severity = 'critical' | 'major' | 'minor'
export type AlertState = 'open' | 'acknowledged' | 'resolved'
export type AlertCondition = 'active' | 'cleared' | 'superseded'
export type Verdict = 'confirmed' | 'false' | 'technical' | 'excused'

export const VERDICTS: readonly Verdict[] = ['confirmed', 'false', 'technical', 'excused']

export interface EvidenceReport {
  fix_time: string
  boot: number
  seq: number
  longitude_deg?: number | null
  latitude_deg?: number | null
  accuracy_m?: number | null
  /** Signed metres to the fence, negative inside. */
  distance_m?: number | null
  /** Probability of violation, parts per million. */
  violation_ppm?: number | null
}

export interface AlertStep {
  step: 'raised' | 'amended' | 'cleared' | 'superseded' | 'acknowledged' | 'resolved'
  by_login: string | null
  by_name: string | null
  note: string | null
  verdict: Verdict | null
  at: string
}

export interface Alert {
  id: string
  version: number
  rule: string
  severity: Severity
  state: AlertState
  condition: AlertCondition
  verdict: Verdict | null
  subject: { id: string; name: string }
  device: string
  fence: { id: string; name: string } | null
  begin_time: string
  end_time: string | null
  late: boolean
  raised_at: string
  evidence: { reports?: EvidenceReport[] }
  org: string
  steps?: AlertStep[]
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

export interface AlertCounts {
  open: number
  acknowledged: number
  critical_open: number
}

/** Columns of equal length; `lon` and `lat` in 1e-6 degrees WGS-84, null for a status report. */
export interface PositionColumns {
  feed_id: number
  device: string[]
  holder_kind: ('subject' | 'officer')[]
  holder: string[]
  label: string[]
  kind: string[]
  lon: (number | null)[]
  lat: (number | null)[]
  fix_time_ms: number[]
  accuracy_m: (number | null)[]
  battery_pct: (number | null)[]
  /** Bits, see map/alarms.ts. */
  alarms: number[]
}

export interface FeatureCollection {
  type: 'FeatureCollection'
  datum?: string
  features: object[]
}

export interface MapLayers {
  boundaries: FeatureCollection
  fences: FeatureCollection
}

export interface SubjectSummary {
  id: string
  name: string
  category: string
  is_minor: boolean
  is_wearing: boolean
  org: string
}

export interface Score {
  total: number
  public: number
  management: number
  grade: string
}

export interface Subject extends SubjectSummary {
  term_from: string
  term_to: string
  order: { id: string; ground: number; valid_from: string; valid_to: string } | null
  devices: { device: string; kind: string }[]
  fences: { fence: string; version: number; name: string; use: 'inclusion' | 'exclusion' }[]
  score: Score | null
}

/** Raw fixes in fix-time order; degrees are 1e-6 integers as in PositionColumns. */
export interface TrackColumns {
  fix_time_ms: number[]
  lon: (number | null)[]
  lat: (number | null)[]
  accuracy_m: (number | null)[]
  /** The period has more fixes than one answer holds. */
  truncated: boolean
}

export interface LedgerEntry {
  id: number
  at: string
  part: 'public' | 'management'
  dimension: string
  indicator: string
  points: number
  balance: number
  author: string
  reason_zh: string
  reason_en: string
  fact: {
    id: string
    alert_id: string | null
    confirmed_by: string
    confirmed_at: string
    note: string
  } | null
}

/** Entries come newest first. */
export interface Ledger {
  score: Score | null
  policy_version: string
  entries: LedgerEntry[]
}

export interface GatewayStatus {
  gateway: string
  org: string
  last_seen_at: string | null
  silent: boolean
}

export interface Status {
  now: string
  version: string
  gateways: GatewayStatus[]
}

export type CommandName =
  | 'set_interval'
  | 'locate'
  | 'text'
  | 'restart'
  | 'power_off'
  | 'factory_reset'
  | 'close_link'
  | 'close_radio'
export type CommandState =
  | 'awaiting_approval'
  | 'queued'
  | 'sent'
  | 'answered'
  | 'refused'
  | 'timed_out'
  | 'withdrawn'

export interface PersonRef {
  login: string
  name: string
}

export interface Command {
  id: string
  version: number
  org: string
  device: string
  name: CommandName
  interval_s: number | null
  text: string | null
  purpose: string
  state: CommandState
  state_at: string
  detail: string
  requested_by: PersonRef
  requested_at: string
  approved_by: PersonRef | null
  approved_at: string | null
  expires_at: string
}

/** What a person enters; `interval_s` and `text` go with the commands that need them. */
export interface NewCommand {
  name: CommandName
  purpose: string
  interval_s?: number
  text?: string
}
