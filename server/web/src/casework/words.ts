import { addWords } from '@/i18n'
import en from '@/casework/en.json'
import zhCN from '@/casework/zh-CN.json'

addWords(zhCN, en)
