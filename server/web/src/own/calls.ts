import { after, answered, ifMatch, server, underKey } from '@/api/client'
import type {
  Duty,
  Explanation,
  Leave,
  Measure,
  Objection,
  OwnCheck,
  OwnFile,
  Page,
} from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
type Cursor = string | null

export const getOwnFile = (): Promise<OwnFile> => answered(server.GET('/api/v1/me'))

export const getOwnScore = (): Promise<Explanation> => answered(server.GET('/api/v1/me/score'))

export const getOwnDuties = async (): Promise<Duty[]> =>
  (await answered(server.GET('/api/v1/me/duties'))).items

export const getOwnLeaves = (cursor: Cursor): Promise<Page<Leave>> =>
  answered(server.GET('/api/v1/me/leaves', { params: { query: after(cursor) } }))

export const applyForLeave = (body: Schemas['OwnLeave'], key: string): Promise<Leave> =>
  answered(server.POST('/api/v1/me/leaves', { params: { header: underKey(key) }, body }))

export const withdrawOwnLeave = (leave: Leave): Promise<Leave> =>
  answered(
    server.POST('/api/v1/me/leaves/{leave_id}/withdrawal', {
      params: { path: { leave_id: leave.id }, header: ifMatch(leave.version) },
    }),
  )

export const returnOwnLeave = (leave: Leave, returned: string): Promise<Leave> =>
  answered(
    server.POST('/api/v1/me/leaves/{leave_id}/return', {
      params: { path: { leave_id: leave.id }, header: ifMatch(leave.version) },
      body: { returned_time: returned },
    }),
  )

export const getOwnMeasures = (cursor: Cursor): Promise<Page<Measure>> =>
  answered(server.GET('/api/v1/me/measures', { params: { query: after(cursor) } }))

export const objectToMeasure = (measure: string, words: string, key: string): Promise<Objection> =>
  answered(
    server.POST('/api/v1/me/measures/{measure_id}/objections', {
      params: { path: { measure_id: measure }, header: underKey(key) },
      body: { words },
    }),
  )

export const stateOwnWords = (measure: Measure, words: string): Promise<Measure> =>
  answered(
    server.POST('/api/v1/me/measures/{measure_id}/statement', {
      params: { path: { measure_id: measure.id }, header: ifMatch(measure.version) },
      body: { words },
    }),
  )

export const getOwnChecks = (cursor: Cursor): Promise<Page<OwnCheck>> =>
  answered(server.GET('/api/v1/me/checks', { params: { query: after(cursor) } }))

export const answerCheck = (check: string, body: Schemas['OnePosition']): Promise<OwnCheck> =>
  answered(
    server.POST('/api/v1/me/checks/{check_id}/answer', {
      params: { path: { check_id: check } },
      body,
    }),
  )

export const sendReport = (body: Schemas['OwnReport'], key: string): Promise<Schemas['Noted']> =>
  answered(server.POST('/api/v1/me/reports', { params: { header: underKey(key) }, body }))

export const objectToFact = (
  fact: string,
  words: string,
  key: string,
): Promise<Schemas['FiledObjection']> =>
  answered(
    server.POST('/api/v1/me/facts/{fact_id}/objections', {
      params: { path: { fact_id: fact }, header: underKey(key) },
      body: { words },
    }),
  )
