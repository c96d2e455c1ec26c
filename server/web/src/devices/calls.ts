import { after, answered, server } from '@/api/client'
import type { Page, Status } from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
type Cursor = string | null
export type Refused = Schemas['RefusedItem']
export type Coverage = Schemas['Coverage']

export const getParts = (): Promise<Status> => answered(server.GET('/api/v1/status'))

/** Who under order no gateway watches now. */
export const getCoverage = (gateway: string): Promise<Coverage> =>
  answered(
    server.GET('/api/v1/gateways/{gateway}/coverage', { params: { path: { gateway }, query: {} } }),
  )

export const getQuarantine = (cursor: Cursor): Promise<Page<Refused>> =>
  answered(server.GET('/api/v1/quarantine', { params: { query: after(cursor) } }))
