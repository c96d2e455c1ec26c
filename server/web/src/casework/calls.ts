import { after, answered, ifMatch, server, underKey } from '@/api/client'
import type {
  Deadline,
  DutyCount,
  Leave,
  Measure,
  Objection,
  OrderApplication,
  Page,
  Permission,
  Task,
} from '@/api/types'
import type { components } from '@contract'

const ROWS_OF_A_PAGE = 50

type Schemas = components['schemas']
type Cursor = string | null
type Version = { id: string; version: number }

const about = <Name extends string>(
  name: Name,
  { id, version }: Version,
): { path: Record<Name, string>; header: { 'if-match': string } } => ({
  path: { [name]: id } as Record<Name, string>,
  header: ifMatch(version),
})

/** Clocks of the duties that run out by the end of `day` (`YYYY-MM-DD`), and what is overdue. */
export const getDuties = (day: string, cursor: Cursor): Promise<Page<Deadline>> =>
  answered(
    server.GET('/api/v1/duties', {
      params: { query: { by: day, limit: ROWS_OF_A_PAGE, ...after(cursor) } },
    }),
  )

export const getDutyCounts = async (day: string): Promise<DutyCount[]> =>
  (await answered(server.GET('/api/v1/duties/counts', { params: { query: { by: day } } }))).counts

export const getLeaves = (state: Leave['state'] | null, cursor: Cursor): Promise<Page<Leave>> =>
  answered(
    server.GET('/api/v1/leaves', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(state && { state }) } },
    }),
  )

export const verifyLeave = (leave: Version, opinion: string): Promise<Leave> =>
  answered(
    server.POST('/api/v1/leaves/{leave_id}/verification', {
      params: about('leave_id', leave),
      body: { opinion },
    }),
  )

export const approveLeave = (leave: Version, reason: string | null): Promise<Leave> =>
  answered(
    server.POST('/api/v1/leaves/{leave_id}/approval', {
      params: about('leave_id', leave),
      body: { reason },
    }),
  )

export const refuseLeave = (leave: Version, reason: string, article: string): Promise<Leave> =>
  answered(
    server.POST('/api/v1/leaves/{leave_id}/refusal', {
      params: about('leave_id', leave),
      body: { reason, article },
    }),
  )

export const returnLeave = (leave: Version, returned: string, note: string | null): Promise<Leave> =>
  answered(
    server.POST('/api/v1/leaves/{leave_id}/return', {
      params: about('leave_id', leave),
      body: { returned_time: returned, note },
    }),
  )

export const getOrderApplications = (
  state: OrderApplication['state'] | null,
  cursor: Cursor,
): Promise<Page<OrderApplication>> =>
  answered(
    server.GET('/api/v1/order-applications', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(state && { state }) } },
    }),
  )

export const approveOrder = (
  application: Version,
  months: number | null,
  reason: string | null,
): Promise<OrderApplication> =>
  answered(
    server.POST('/api/v1/order-applications/{application_id}/approval', {
      params: about('application_id', application),
      body: { months, reason },
    }),
  )

export const refuseOrder = (application: Version, reason: string): Promise<OrderApplication> =>
  answered(
    server.POST('/api/v1/order-applications/{application_id}/refusal', {
      params: about('application_id', application),
      body: { reason },
    }),
  )

export const getPermissions = (
  state: Permission['state'] | null,
  cursor: Cursor,
): Promise<Page<Permission>> =>
  answered(
    server.GET('/api/v1/permissions', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(state && { state }) } },
    }),
  )

export const approvePermission = (one: Version, reason: string | null): Promise<Permission> =>
  answered(
    server.POST('/api/v1/permissions/{permission_id}/approval', {
      params: about('permission_id', one),
      body: { reason },
    }),
  )

export const refusePermission = (
  one: Version,
  body: Schemas['server__orders__schemas__Reason'],
): Promise<Permission> =>
  answered(
    server.POST('/api/v1/permissions/{permission_id}/refusal', {
      params: about('permission_id', one),
      body,
    }),
  )

export const getMeasures = (
  state: Measure['state'] | null,
  cursor: Cursor,
): Promise<Page<Measure>> =>
  answered(
    server.GET('/api/v1/measures', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(state && { state }) } },
    }),
  )

export const decideMeasure = (
  measure: Version,
  outcome: 'decided' | 'refused',
  reasons: string,
): Promise<Measure> =>
  answered(
    server.POST('/api/v1/measures/{measure_id}/decision', {
      params: about('measure_id', measure),
      body: { outcome, reasons },
    }),
  )

export const hearPerson = (measure: Version, words: string): Promise<Measure> =>
  answered(
    server.POST('/api/v1/measures/{measure_id}/statement', {
      params: about('measure_id', measure),
      body: { words },
    }),
  )

export const withdrawMeasure = (measure: Version, reasons: string): Promise<Measure> =>
  answered(
    server.POST('/api/v1/measures/{measure_id}/withdrawal', {
      params: about('measure_id', measure),
      body: { reasons },
    }),
  )

export const getObjections = (
  state: Objection['state'] | null,
  cursor: Cursor,
): Promise<Page<Objection>> =>
  answered(
    server.GET('/api/v1/objections', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(state && { state }) } },
    }),
  )

export const answerObjection = (
  objection: Version,
  outcome: 'upheld' | 'dismissed',
  answer: string,
): Promise<Objection> =>
  answered(
    server.POST('/api/v1/objections/{objection_id}/answer', {
      params: about('objection_id', objection),
      body: { outcome, answer },
    }),
  )

export const getTasks = (login: string | null, cursor: Cursor): Promise<Page<Task>> =>
  answered(
    server.GET('/api/v1/tasks', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(login && { login }) } },
    }),
  )

export const answerTask = (
  task: string,
  state: 'accepted' | 'declined' | 'en_route' | 'on_site',
  note: string | null,
): Promise<Task> =>
  answered(
    server.POST('/api/v1/tasks/{task_id}/answer', {
      params: { path: { task_id: task } },
      body: { state, note },
    }),
  )

/** What was found; on site this is the field visit that a strap or a case needs. */
export const reportTask = (
  task: string,
  finding: 'founded' | 'unfounded' | 'inconclusive',
  text: string,
  key: string,
): Promise<Task> =>
  answered(
    server.POST('/api/v1/tasks/{task_id}/report', {
      params: { path: { task_id: task }, header: underKey(key) },
      body: { finding, text },
    }),
  )

export type Review = Schemas['Review']

/** Facts that somebody asked to look at again: late data, an officer, or the person's objection. */
export const getReviews = (state: Review['state'] | null, cursor: Cursor): Promise<Page<Review>> =>
  answered(
    server.GET('/api/v1/fact-reviews', {
      params: { query: { limit: ROWS_OF_A_PAGE, ...after(cursor), ...(state && { state }) } },
    }),
  )

export const decideReview = (
  review: Version,
  body: Schemas['ReviewDecision'],
): Promise<Review> =>
  answered(
    server.POST('/api/v1/fact-reviews/{review_id}/decision', {
      params: about('review_id', review),
      body,
    }),
  )

/** Take the longest time for the answer to an objection, once. */
export const extendReview = (review: Version, note: string): Promise<Review> =>
  answered(
    server.POST('/api/v1/fact-reviews/{review_id}/extension', {
      params: about('review_id', review),
      body: { note },
    }),
  )
