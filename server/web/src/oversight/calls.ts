import { after, answered, ifMatch, server } from '@/api/client'
import type { Page } from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
type Cursor = string | null
export type Act = Schemas['ActInfo']
export type ProcuratorLook = Schemas['server__accounts__schemas__LookInfo']
export type LookAlarm = Schemas['LookAlarm']
export type Look = Schemas['server__looks__schemas__LookInfo']
export type Parameter = Schemas['ParameterInfo']

export const getActs = (subject: string, cursor: Cursor): Promise<Page<Act>> =>
  answered(
    server.GET('/api/v1/acts', {
      params: { query: { limit: 50, ...after(cursor), ...(subject !== '' && { subject }) } },
    }),
  )

export const getProcuratorLooks = (cursor: Cursor): Promise<Page<ProcuratorLook>> =>
  answered(server.GET('/api/v1/procurator-looks', { params: { query: after(cursor) } }))

export const getLookAlarms = (cursor: Cursor): Promise<Page<LookAlarm>> =>
  answered(server.GET('/api/v1/look-alarms', { params: { query: after(cursor) } }))

export const getLooks = (cursor: Cursor): Promise<Page<Look>> =>
  answered(server.GET('/api/v1/looks', { params: { query: after(cursor) } }))

export const decideLook = (look: Look, approve: boolean): Promise<Look> =>
  answered(
    server.POST('/api/v1/looks/{look_id}/decision', {
      params: { path: { look_id: look.id }, header: ifMatch(look.version) },
      body: { approve },
    }),
  )

export const getPolicy = async (): Promise<Parameter[]> =>
  (await answered(server.GET('/api/v1/policy'))).parameters
