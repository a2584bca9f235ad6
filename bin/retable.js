#!/usr/bin/env node
import '../dist/cli/bin/retable.js';
