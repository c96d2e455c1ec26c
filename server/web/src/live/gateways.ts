import { computed, shallowRef } from 'vue'

import { getStatus } from '@/api/calls'
import type { GatewayStatus } from '@/api/types'

const gateways = shallowRef<ReadonlyMap<string, GatewayStatus>>(new Map())

/** Gateways that the server has not heard for too long: their area is not watched. */
export const silentGateways = computed(() =>
  [...gateways.value.values()].filter((gateway) => gateway.silent),
)

export async function loadGateways(): Promise<void> {
  const status = await getStatus()
  gateways.value = new Map(status.gateways.map((gateway) => [gateway.gateway, gateway]))
}

export function takeGateway(gateway: GatewayStatus): void {
  gateways.value = new Map(gateways.value).set(gateway.gateway, gateway)
}

export function forgetGateways(): void {
  gateways.value = new Map()
}
