import { after, answered, ifMatch, server, underKey } from '@/api/client'
import type { Page } from '@/api/types'
import type { components } from '@contract'

type Schemas = components['schemas']
type Cursor = string | null
export type Summary = Schemas['IncidentSummary']
export type Incident = Schemas['IncidentInfo']
export type IncidentTask = Schemas['TaskInfo']
export type Moment = Schemas['Moment']
export type Plan = Schemas['server__incidents__schemas__PlanInfo']

const about = (incident: string): { incident_id: string } => ({ incident_id: incident })

export const getIncidents = (
  state: Summary['state'] | null,
  cursor: Cursor,
): Promise<Page<Summary>> =>
  answered(
    server.GET('/api/v1/incidents', {
      params: { query: { ...after(cursor), ...(state && { state }) } },
    }),
  )

export const getIncident = (incident: string): Promise<Incident> =>
  answered(server.GET('/api/v1/incidents/{incident_id}', { params: { path: about(incident) } }))

/** Its own entries and every step of its alerts, newest first. */
export const getTimeline = (incident: string, cursor: Cursor): Promise<Page<Moment>> =>
  answered(
    server.GET('/api/v1/incidents/{incident_id}/timeline', {
      params: { path: about(incident), query: after(cursor) },
    }),
  )

export const getPlans = async (): Promise<Plan[]> =>
  (await answered(server.GET('/api/v1/incident-plans'))).items

export const openIncident = (body: Schemas['NewIncident'], key: string): Promise<Incident> =>
  answered(server.POST('/api/v1/incidents', { params: { header: underKey(key) }, body }))

export const addAlert = (incident: string, alert: string, key: string): Promise<Incident> =>
  answered(
    server.POST('/api/v1/incidents/{incident_id}/alerts', {
      params: { path: about(incident), header: underKey(key) },
      body: { alerts: [alert] },
    }),
  )

export const addNote = (incident: string, note: string, key: string): Promise<Incident> =>
  answered(
    server.POST('/api/v1/incidents/{incident_id}/notes', {
      params: { path: about(incident), header: underKey(key) },
      body: { note },
    }),
  )

export const endTask = (
  incident: string,
  task: IncidentTask,
  state: 'done' | 'dropped',
  note: string,
): Promise<Incident> =>
  answered(
    server.POST('/api/v1/incidents/{incident_id}/tasks/{number}/end', {
      params: { path: { ...about(incident), number: task.number }, header: ifMatch(task.version) },
      body: { state, note },
    }),
  )

export const handTaskOn = (
  incident: string,
  task: IncidentTask,
  login: string,
): Promise<Incident> =>
  answered(
    server.POST('/api/v1/incidents/{incident_id}/tasks/{number}/owner', {
      params: { path: { ...about(incident), number: task.number }, header: ifMatch(task.version) },
      body: { login },
    }),
  )

export const nameCommander = (incident: Incident, login: string): Promise<Incident> =>
  answered(
    server.POST('/api/v1/incidents/{incident_id}/commander', {
      params: { path: about(incident.id), header: ifMatch(incident.version) },
      body: { login },
    }),
  )

export const closeIncident = (incident: Incident, summary: string): Promise<Incident> =>
  answered(
    server.POST('/api/v1/incidents/{incident_id}/closing', {
      params: { path: about(incident.id), header: ifMatch(incident.version) },
      body: { summary },
    }),
  )
