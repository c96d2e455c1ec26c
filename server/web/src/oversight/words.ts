import { addWords } from '@/i18n'
import en from '@/oversight/en.json'
import zhCN from '@/oversight/zh-CN.json'

addWords(zhCN, en)
