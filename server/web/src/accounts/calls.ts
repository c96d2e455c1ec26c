import { after, answered, ifMatch, server, underKey } from '@/api/client'
import type { Page } from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
type Cursor = string | null
export type Account = Schemas['AccountInfo']
export type Recovery = Schemas['RecoveryInfo']
export type OwnSession = Schemas['OwnSession']
export type Channel = Schemas['ChannelInfo']
export type Delivery = Schemas['Delivery']
export type StaffRole = Schemas['Grant']['role']

const of = (login: string): { params: { path: { login: string } } } => ({ params: { path: { login } } })

export const getAccounts = (cursor: Cursor): Promise<Page<Account>> =>
  answered(server.GET('/api/v1/accounts', { params: { query: { limit: 100, ...after(cursor) } } }))

export const enterAccount = (body: Schemas['NewAccount-Input']): Promise<Account> =>
  answered(server.POST('/api/v1/accounts', { body }))

export const grantRole = (login: string, role: StaffRole): Promise<Schemas['OneTimePassword']> =>
  answered(server.POST('/api/v1/accounts/{login}/grant', { ...of(login), body: { role } }))

export const changeRole = (login: string, role: StaffRole): Promise<Account> =>
  answered(server.POST('/api/v1/accounts/{login}/role', { ...of(login), body: { role } }))

export const disableAccount = (login: string): Promise<Account> =>
  answered(server.POST('/api/v1/accounts/{login}/disable', of(login)))

export const enableAccount = (login: string): Promise<Account> =>
  answered(server.POST('/api/v1/accounts/{login}/enable', of(login)))

export const unlockAccount = (login: string): Promise<undefined> =>
  answered(server.POST('/api/v1/accounts/{login}/unlock', of(login)))

export const getRecoveries = (cursor: Cursor): Promise<Page<Recovery>> =>
  answered(server.GET('/api/v1/recoveries', { params: { query: after(cursor) } }))

export const askRecovery = (body: Schemas['RecoveryRequest']): Promise<Recovery> =>
  answered(server.POST('/api/v1/recoveries', { body }))

export const approveRecovery = (recovery: number): Promise<Schemas['OneTimePassword']> =>
  answered(
    server.POST('/api/v1/recoveries/{recovery_id}/approval', {
      params: { path: { recovery_id: recovery } },
    }),
  )

export const refuseRecovery = (recovery: number): Promise<undefined> =>
  answered(
    server.POST('/api/v1/recoveries/{recovery_id}/refusal', {
      params: { path: { recovery_id: recovery } },
    }),
  )

export const getOwnSessions = async (): Promise<OwnSession[]> =>
  (await answered(server.GET('/api/v1/sessions'))).items

export const endSession = (session: number): Promise<undefined> =>
  answered(
    server.DELETE('/api/v1/sessions/{session_id}', { params: { path: { session_id: session } } }),
  )

export const getChannels = (cursor: Cursor): Promise<Page<Channel>> =>
  answered(server.GET('/api/v1/notification-channels', { params: { query: after(cursor) } }))

export const switchChannel = (channel: Channel, enabled: boolean): Promise<Channel> =>
  answered(
    server.PATCH('/api/v1/notification-channels/{channel_id}', {
      params: { path: { channel_id: channel.id }, header: ifMatch(channel.version) },
      body: { enabled },
    }),
  )

export const testChannel = (channel: string, key: string): Promise<Schemas['TestSend']> =>
  answered(
    server.POST('/api/v1/notification-channels/{channel_id}/test', {
      params: { path: { channel_id: channel }, header: underKey(key) },
    }),
  )

export const getDeadLetters = (cursor: Cursor): Promise<Page<Delivery>> =>
  answered(
    server.GET('/api/v1/notification-deliveries', {
      params: { query: { state: 'dead', ...after(cursor) } },
    }),
  )

export const retryDelivery = (delivery: number): Promise<Delivery> =>
  answered(
    server.POST('/api/v1/notification-deliveries/{delivery_id}/retry', {
      params: { path: { delivery_id: delivery } },
    }),
  )
