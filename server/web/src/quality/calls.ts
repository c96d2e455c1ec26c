import { after, answered, server, underKey } from '@/api/client'
import type { Page } from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
type Cursor = string | null
export type PrecisionRow = Schemas['PrecisionRow']
export type PrecisionBy = 'rule' | 'device_model' | 'fence_kind' | 'org'
export type Budget = Schemas['Budget']
export type Reasons = Schemas['BudgetReasons']
export type Line = Schemas['RecordLine']
export type Times = Schemas['TimesRow']
export type StageTime = Schemas['StageTime']
export type Report = Schemas['ReportInfo']

/** The last twelve weeks in one sum each. */
export const getPrecision = (by: PrecisionBy, cursor: Cursor): Promise<Page<PrecisionRow>> =>
  answered(
    server.GET('/api/v1/alert-precision', {
      params: { query: { by, grain: 'whole', ...after(cursor) } },
    }),
  )

export const getBudget = (): Promise<Budget> => answered(server.GET('/api/v1/alert-budget'))

export const getReasons = (by: Reasons['by']): Promise<Reasons> =>
  answered(server.GET('/api/v1/alert-budget/reasons', { params: { query: { by } } }))

export const getTimes = (cursor: Cursor): Promise<Page<Times>> =>
  answered(server.GET('/api/v1/alert-times', { params: { query: after(cursor) } }))

export const getRecord = (login: string, cursor: Cursor): Promise<Page<Line>> =>
  answered(server.GET('/api/v1/alert-record', { params: { query: { login, ...after(cursor) } } }))

/** Where the browser saves a record from. */
export const recordFileOf = (login: string): string =>
  `/api/v1/alert-record/file?login=${encodeURIComponent(login)}`

export const getReports = (cursor: Cursor): Promise<Page<Report>> =>
  answered(server.GET('/api/v1/alert-reports', { params: { query: after(cursor) } }))

/** @param month `YYYY-MM`, one that is over. */
export const makeReport = (month: string, key: string): Promise<Report> =>
  answered(
    server.POST('/api/v1/alert-reports', { params: { header: underKey(key) }, body: { month } }),
  )

/** Where the browser saves a report's figures from. */
export const reportFileOf = (report: string): string =>
  `/api/v1/alert-reports/${encodeURIComponent(report)}/file`
