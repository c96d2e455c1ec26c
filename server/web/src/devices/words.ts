import en from '@/devices/en.json'
import zhCN from '@/devices/zh-CN.json'
import { addWords } from '@/i18n'

addWords(zhCN, en)
