#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { bill } from '../lib/bill.js';

console.log(bill(JSON.parse(readFileSync(process.argv[2], 'utf8'))));
