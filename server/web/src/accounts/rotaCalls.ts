import { answered, ifMatch, server, underKey } from '@/api/client'
import type { components } from '@contract'

type Schemas = components['schemas']
export type Rota = Schemas['RotaInfo']
export type Shift = Schemas['ShiftInfo']
export type OnDuty = Schemas['OnDutyList']

export const getRota = (): Promise<Rota> => answered(server.GET('/api/v1/rota'))

export const getOnDuty = (): Promise<OnDuty> => answered(server.GET('/api/v1/rota/on-duty'))

export const enterShift = (
  shift: Schemas['NewShift'],
  key: string,
): Promise<Schemas['ShiftList']> =>
  answered(
    server.POST('/api/v1/rota/shifts', {
      params: { header: underKey(key) },
      body: { shifts: [shift] },
    }),
  )

export const cancelShift = (shift: Shift): Promise<Shift> =>
  answered(
    server.POST('/api/v1/rota/shifts/{shift_id}/cancellation', {
      params: { path: { shift_id: shift.id }, header: ifMatch(shift.version) },
    }),
  )
