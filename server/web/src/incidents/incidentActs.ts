import type { Alert } from '@/api/types'
import { i18n } from '@/i18n'
import {
  addAlert,
  addNote,
  closeIncident,
  endTask,
  handTaskOn,
  nameCommander,
  type Incident,
  type IncidentTask,
} from '@/incidents/calls'
import { asChoice } from '@/incidents/waiting'
import type { Act, Field } from '@/ui/acts'

const t = (word: string): string => i18n.global.t(word)
const note = (): Field => ({ id: 'note', text: t('incidents.note'), kind: 'area', least: 2 })
const login = (): Field => ({ id: 'login', text: t('incidents.login'), kind: 'text', most: 40 })

/** What may be done with an incident that is open; the commander's acts are a supervisor's. */
export function incidentActs(
  incident: Incident,
  waiting: readonly Alert[],
  isSupervisor: boolean,
): Act[] {
  const others = waiting.filter((alert) => !incident.alerts.includes(alert.id))
  const acts: Act[] = [
    {
      id: 'note',
      text: t('incidents.addNote'),
      fields: [note()],
      run: (values, key) => addNote(incident.id, values.note ?? '', key),
    },
  ]
  if (others.length > 0) {
    acts.push({
      id: 'alert',
      text: t('incidents.addAlert'),
      fields: [
        { id: 'alert', text: t('incidents.alert'), kind: 'choice', options: others.map(asChoice) },
      ],
      run: (values, key) => addAlert(incident.id, values.alert ?? '', key),
    })
  }
  return isSupervisor ? [...acts, ...commandActs(incident)] : acts
}

function commandActs(incident: Incident): Act[] {
  return [
    {
      id: 'commander',
      text: t('incidents.kind.commander'),
      fields: [login()],
      run: (values) => nameCommander(incident, values.login ?? ''),
    },
    {
      id: 'close',
      text: t('incidents.close'),
      tone: 'danger',
      explain: t('incidents.closeExplain'),
      fields: [
        { id: 'summary', text: t('incidents.summary'), kind: 'area', least: 4, most: 4_000 },
      ],
      run: (values) => closeIncident(incident, values.summary ?? ''),
    },
  ]
}

/** What may be done with one of its tasks that is open. */
export function taskActs(incident: string, task: IncidentTask): Act[] {
  const end = (state: 'done' | 'dropped'): Act => ({
    id: state,
    text: t(`incidents.${state}`),
    tone: state === 'done' ? 'primary' : 'danger',
    fields: [note()],
    run: (values) => endTask(incident, task, state, values.note ?? ''),
  })
  return [
    end('done'),
    {
      id: 'hand-on',
      text: t('incidents.handOn'),
      fields: [login()],
      run: (values) => handTaskOn(incident, task, values.login ?? ''),
    },
    end('dropped'),
  ]
}
