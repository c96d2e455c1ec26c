/** The wire types that the console works with, under its own names; the contract decides. */

import type { components } from '@contract'

type Schemas = components['schemas']

export type Session = Schemas['SessionInfo']
export type Role = Session['role']
export type FactorOffer = Schemas['FactorOffer']
export type Enrolled = Schemas['Enrolled']

/** With everything that happened to it once it was opened by itself. */
export type Alert = Schemas['Alert'] & Partial<Schemas['AlertWithSteps']>
export type AlertStep = Schemas['Step']
export type AlertCounts = Schemas['AlertCounts']
export type Severity = Alert['severity']
export type AlertState = Alert['state']

/** The queues of the desk, in the order of the tabs. */
export const ALERT_STATES: readonly AlertState[] = [
  'open',
  'acknowledged',
  'dispatched',
  'shelved',
  'resolved',
  'superseded',
]

export type AlertCondition = Alert['condition']
export type Category = Alert['category']
export type Verdict = NonNullable<Alert['verdict']>

export const VERDICTS: readonly Verdict[] = ['confirmed', 'false', 'technical', 'excused']

/** A text of the engine in both languages. */
export type WireText = Schemas['AlertText']

/** One of the reports that an alert's evidence holds, as docs/wire/outcomes-v1.md has it. */
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

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

/** Columns of equal length; `lon` and `lat` in 1e-6 degrees WGS-84. The stream sends no `at`. */
export type PositionColumns = Omit<Schemas['Positions'], 'at'>
/** Raw fixes in fix-time order; degrees are 1e-6 integers as in PositionColumns. */
export type TrackColumns = Schemas['Track']
export type FeatureCollection = Schemas['FeatureCollection']
export type MapLayers = Schemas['MapLayers']

export type SubjectSummary = Schemas['SubjectSummary']
export type Subject = Schemas['Subject']
/** Entries come newest first. */
export type Ledger = Schemas['Ledger']
export type LedgerEntry = Ledger['entries'][number]
export type Score = Schemas['ScoreInfo']

export type GatewayStatus = Schemas['GatewayStatus']
export type Status = Schemas['Status']

export type Command = Schemas['Command']
export type CommandState = Command['state']
export type PersonRef = Schemas['PersonRef']
/** What a person enters; `interval_s` and `text` go with the commands that need them. */
export type NewCommand = Schemas['NewCommand']

export type Leave = Schemas['LeaveInfo']
export type OrderApplication = Schemas['ApplicationInfo']
export type Order = Schemas['server__orders__schemas__OrderInfo']
export type Measure = Schemas['MeasureInfo']
export type Objection = Schemas['ObjectionInfo']
export type Deadline = Schemas['DeadlineInfo']
export type DutyCount = Schemas['DutyCount']
export type Task = Schemas['Task']
export type Permission = Schemas['PermissionInfo']
export type Duty = Schemas['ScheduleInfo']
export type Explanation = Schemas['Explanation']
export type OwnFile = Schemas['OwnFile']
export type OwnCheck = Schemas['OwnCheck']
export type DocumentInfo = Schemas['DocumentInfo']
export type MonthScore = Schemas['MonthScore']
