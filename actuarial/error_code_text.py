"""What the codes mean that stand in no catalogue of findings: the meaning, and what to do.

The messages themselves are written where they are raised, with the values at fault; findings about data have
their texts in `actuarial.portfolio.finding.CATALOGUE`. `actuarial.error_code` puts all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from actuarial.language import texts

EXPLANATIONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    texts(
        {
            # --- files of data
            "E1001": (
                "There is no file or folder of that name.",
                "Check the path; give it in quotes if it has blanks.",
            ),
            "E1002": (
                "The system does not let the program read the file.",
                "Check who may read it, and close it in other programs.",
            ),
            # --- the law on record
            "E1101": (
                "The law on record has no parameter of that name.",
                "Take a name from `actuarial law show --on DATE`.",
            ),
            "E1102": (
                "The law of that day is not on record: before the first entry, or in a declared gap.",
                "Check the date; if it is right, add the entry with its act to tariffs/parameters.",
            ),
            "E1103": (
                "A file of the law on record cannot be used.",
                "Put the file back as it came with the program, or correct the place named.",
            ),
            "E1104": (
                "The code of activity (OKED) is unknown, or the order in force has no class for it.",
                "Give five digits with the leading zero, as text; search with `actuarial law oked --find`.",
            ),
            "E1105": (
                "In this edition the class depends on the number of workers.",
                "Give the number of workers.",
            ),
            "E1106": (
                "Some activities have a weight and others have none.",
                "Give every activity a weight, or none.",
            ),
            "E1107": (
                "No activity has these words in its name.",
                "Search for the beginning of one word, in Russian.",
            ),
            "E1120": (
                "An input of the Fund's payment is outside what any edition of the law has a place for.",
                "Check the degree, the months and the number of dependants.",
            ),
            "E1121": (
                "The coefficients of the Fund's payment to survivors are not on record.",
                "Use the amount that the Fund awarded.",
            ),
            "E1131": (
                "The table of moved working days cannot be used.",
                "Correct the rows named: each date once, working days as day_off, rest as working_day.",
            ),
            # --- the mapping of columns
            "E1601": ("The mapping file cannot be read.", "Check the path and who may read it."),
            "E1602": (
                "A part of the mapping file is not of its kind.",
                "Write pairs `our_name: your header`, as in the page.",
            ),
            "E1603": (
                "The mapping file has a key that is none.",
                "Take one of the keys listed in the message.",
            ),
            "E1604": (
                "The mapping file names a column that we do not have.",
                "Take the name from the list of columns; the nearest one is in the message.",
            ),
            "E1605": (
                "The mapping file maps a value that the column does not have.",
                "Take one of the values listed in the message.",
            ),
            "E1606": ("One header of the file is given to two of our columns.", "Give each header once."),
            # --- synthetic data
            "E1701": (
                "The calibration of the synthetic portfolio was changed and cannot be used.",
                "Put sample_calibration.yaml back as it came.",
            ),
            "E1702": (
                "The number of rows asked for is outside what is written.",
                "Ask for a number within the limits in the message.",
            ),
            "E1703": ("The seed is no whole number of 64 bits.", "Give a whole number from 0."),
            "E1704": (
                "The synthetic portfolio is calibrated for other dates.",
                "Choose a date within those in the message.",
            ),
            "E1705": (
                "The suffix of the file names no format.",
                "Let the name end in .csv, .xlsx or .parquet.",
            ),
            "E1706": ("The file exists.", "Choose another name, or add --force."),
            "E1707": (
                "A sheet of Excel does not hold so many rows.",
                "Write .parquet or .csv, or fewer rows.",
            ),
            "E1708": ("The folder for the file does not exist.", "Create it first."),
            # --- what is safe to open
            "E1901": (
                "The workbook has more parts than a workbook of data needs.",
                "Copy the table into a new workbook, or give CSV or Parquet.",
            ),
            "E1902": (
                "Unzipped, the workbook is larger than what is opened.",
                "Give a table of this size as CSV or Parquet.",
            ),
            "E1903": (
                "A part of the workbook grows beyond measure when it is unzipped.",
                "Give the table as CSV or Parquet; do not open a workbook of unknown origin.",
            ),
            "E1904": (
                "The sheet uses an area beyond what is read, often by one forgotten cell far away.",
                "Delete what stands apart from the table, or give CSV or Parquet.",
            ),
            "E1905": (
                "The workbook declares a document type or entities, which no workbook needs.",
                "Save it again in Excel; do not trust a file that keeps them.",
            ),
            "E1906": ("The archive of the workbook contradicts itself.", "Save the workbook again in Excel."),
            # --- the basis
            "E4001": (
                "There is neither a file nor a shipped basis of that name.",
                "Check the path, or take a shipped name from the message.",
            ),
            "E4002": (
                "The basis file is no YAML with keys.",
                "Save it in UTF-8; compare it with the shipped basis.",
            ),
            "E4003": (
                "A key of the basis is unknown, missing or has a value it cannot have.",
                "Correct each key named; the page lists all keys with units.",
            ),
            "E4004": (
                "The table of spot rates cannot be used.",
                "Give columns years,rate with rising years and rates as fractions.",
            ),
            "E4005": (
                "The mortality table does not fit its place: select rates, or the other sex.",
                "Give an ultimate table of that sex.",
            ),
            "E4006": (
                "The basis has no index rate for a year that is needed.",
                "Add the year, or `later` for all years after the last.",
            ),
            "E4007": (
                "The improvement counts from the middle of a period that the table does not give.",
                "Add period_middle to the table, or take the improvement out.",
            ),
            "E4008": ("The representative degree lies outside its band.", "Give a percent inside the band."),
            "E4009": (
                "The curve of interest gives a yield too low to discount with.",
                "Check its parameters.",
            ),
            "E4010": (
                "Ages lie outside the mortality tables of the basis.",
                "Check the portfolio with the basis first: `actuarial check --basis`.",
            ),
            "E4011": (
                "A value of the law changes inside a month, which an index by calendar month cannot follow.",
                "Tell the makers of the program: the record of the law is at fault.",
            ),
            "E4012": (
                "The minimum wage of a contract date is not on record.",
                "Check the portfolio first: it names the rows.",
            ),
            "E4020": (
                "An annuity cannot be valued with these numbers.",
                "Take 1, 2, 3, 4, 6 or 12 payments a year, a deferral of 0 or more, a rate above -1.",
            ),
            # --- the premium
            "E4201": (
                "The open point or its value is unknown.",
                "Take a name and a value from `actuarial quote --explain`.",
            ),
            "E4202": (
                "The law of the contract's day computes premiums in another way, or is not on record.",
                "Do what the message asks for that day: categories of staff, or class and payroll.",
            ),
            "E4203": (
                "The days of the cover contradict each other or the term of the law.",
                "Correct a date, or make a contract for each period.",
            ),
            "E4204": (
                "What the base of the premium needs is missing or given twice: class, staff, payroll.",
                "Give the class or the code, and the payroll or the staff, of each part.",
            ),
            "E4205": (
                "The insured sum is below the annual payroll (OSNS Law 16).",
                "Raise the insured sum at least to the payroll.",
            ),
            "E4206": (
                "The law has no correction coefficient for these numbers, or the history is incomplete.",
                "Check workers and injured; name every year of the law.",
            ),
            "E4207": (
                "The discount is not what the law of the day allows.",
                "Leave it out, or keep it within the limit in the message.",
            ),
            "E4208": (
                "The agreed rate of a category of staff is missing or outside the bounds of the law.",
                "Agree a rate within the bounds in the message.",
            ),
            "E4209": (
                "The instalments do not divide the term.",
                "Take 1, 2, 3, 4, 6 or 12, or give their dates.",
            ),
            "E4210": (
                "A change inside the term has no rule on record, or lies outside the cover.",
                "Correct the date; what the contract itself says must be computed by hand.",
            ),
            "E4211": (
                "The way of early termination is not chosen, or its share of expenses does not fit.",
                "Say pro_rata, pro_rata_less_expenses with a share, or nothing.",
            ),
            "E4212": (
                "A refund has a negative amount, or is asked for before the term has ended.",
                "Correct the amount or the date.",
            ),
            "E4213": (
                "The approved tariff of the voluntary product cannot be read.",
                "Give the columns in the message, each class once, percents of 0-100.",
            ),
            "E4214": (
                "The voluntary product cannot be computed with these numbers.",
                "Correct the number in the message: sum, term, class, load.",
            ),
            "E4301": (
                "The case file is no YAML with keys.",
                "Write keys with values, as in the page; put codes in quotes.",
            ),
            "E4302": ("A value of the case is of another kind.", "Write what the message asks for."),
            "E4303": ("A key that the case needs is missing.", "Add the key named."),
            "E4304": ("The case has an unknown key.", "Take the key the message suggests."),
            "E4305": ("Two keys of the case say the same thing.", "Keep one of them."),
            # --- simulation and new claims
            "E4401": (
                "Correlations of the drivers cannot hold together, or one is given twice.",
                "Bring some of them nearer to 0; give each pair once.",
            ),
            "E4402": (
                "Some scenarios have yields too low to discount with.",
                "Make the spread of the yield smaller.",
            ),
            "E4501": (
                "There is neither a file nor a shipped model of new claims of that name.",
                "Check the path, or take a shipped name.",
            ),
            "E4502": (
                "The model of new claims is no YAML with keys.",
                "Save it in UTF-8; compare it with the shipped model.",
            ),
            "E4503": (
                "A key of the model of new claims is unknown, missing or has a value it cannot have.",
                "Correct each key named.",
            ),
            "E4504": (
                "The table of frequencies cannot be used; every bad cell is named.",
                "Give the columns risk_class,death,A,B,C,D with numbers from 0 to 1.",
            ),
            "E4505": (
                "No contract has cover after the valuation date.",
                "Check the dates, or choose exposure: whole_term.",
            ),
            "E4506": (
                "The table of frequencies lacks a class that the book has.",
                "Add a row for the class.",
            ),
            "E4507": (
                "The model needs the premium charged, and contracts have none.",
                "Fill the column premium, or choose the premium of the law.",
            ),
            "E4508": (
                "A spouse or parent of the model may be below pension age, and has no right by age.",
                "Raise the lower age.",
            ),
            "E4509": (
                "Ages of the model lie outside the mortality tables of the basis.",
                "Change the ages, or take other tables.",
            ),
            # --- stress
            "E4601": (
                "There is no scenario of that name.",
                "Take a name from docs/stress.md, or give a YAML file.",
            ),
            "E4602": (
                "A file of scenarios or correlations cannot be read.",
                "Save it as YAML or CSV in UTF-8.",
            ),
            "E4603": (
                "A scenario is not well formed, or its name is given twice.",
                "Correct the key named; one change is multiply, add or set.",
            ),
            "E4604": (
                "A scenario changes a key that the basis does not have, or that holds no number.",
                "Take the key the message suggests.",
            ),
            "E4605": ("With the scenario the basis is no longer valid.", "Make the change smaller."),
            "E4606": (
                "A scenario changes the law in a way that cannot be computed.",
                "Take a parameter on record and a change that fits it.",
            ),
            "E4607": (
                "The matrix of correlations cannot be used.",
                "Give a symmetric matrix of all risks with ones on the diagonal.",
            ),
            "E4608": (
                "Names or dates of portfolios, contracts and own funds do not belong together.",
                "Give each insurer one name, the same in all options.",
            ),
            "E4609": (
                "The reverse stress has no own funds, no such scenario in the run, or no multiple.",
                "Give --own-funds, and scenarios of this run that can be multiplied.",
            ),
            "E4610": ("An amount or percentage of an option is none.", "Write 1500000000 or 12.5."),
            # --- technical premiums, credibility
            "E4701": (
                "Too few risks have experience to be compared.",
                "Take the risk's own rate, or a rate from outside.",
            ),
            "E4702": (
                "The variances cannot be estimated from this experience.",
                "Give more years, or take the unbiased estimator.",
            ),
            "E4703": (
                "Numbers given to credibility are no tables of the same shape, or outside their bounds.",
                "Correct what the message names.",
            ),
            "E4711": (
                "No contract or no claim falls into the years of the study.",
                "Check the valuation date and the years of the assumptions.",
            ),
            "E4712": ("The file of assumptions cannot be read.", "Save it as YAML in UTF-8."),
            "E4713": (
                "A key of the assumptions is unknown, missing or has a value it cannot have.",
                "Correct each key named.",
            ),
            "E4714": (
                "The book lacks what the assumptions ask for.",
                "Fill the column named, or choose otherwise in the assumptions.",
            ),
            "E4715": (
                "The factors of development do not cover every age.",
                "Give the factor to the end from each age of 1, 2, … years.",
            ),
            "E4716": (
                "The fitted tail of large losses has no finite mean.",
                "Give the load yourself, or take a higher threshold.",
            ),
            "E4717": (
                "The regression needs a library that is not installed.",
                "Install it: pip install 'actuarial[experience]'.",
            ),
            "E4718": (
                "Claims of a kind cost less than nothing.",
                "Check the signs of paid and case_estimate_change.",
            ),
            "E4719": (
                "The proposed table of tariffs cannot be used.",
                "Give risk_class and tariff_rate in percent, each class once.",
            ),
            # --- risk and rating
            "E4801": (
                "The open point of the method or its value is unknown.",
                "Take one of those in the message.",
            ),
            "E4802": (
                "The scale of the scores is none.",
                "Give its bounds as 1-5, rising, with at most two decimals.",
            ),
            "E4811": (
                "A rating cannot be tested on these risks.",
                "Give risks with premium and losses, and factors above 0.",
            ),
            "E4812": ("The file of assumptions cannot be read.", "Save it as YAML in UTF-8."),
            "E4813": (
                "A key of the assumptions is unknown, missing or has a value it cannot have.",
                "Correct each key named.",
            ),
            "E4814": (
                "The table of expected losses cannot be used.",
                "Give each class once, with the columns in the message.",
            ),
            "E4815": (
                "The years before a test year hold too little experience.",
                "Take another of test_years, or more experience_years.",
            ),
            "E4816": (
                "No contract of the test year had begun.",
                "Take another of test_years, or a later valuation_date.",
            ),
            "E4817": (
                "The statistics for the underwriting load cannot be used.",
                "Give the columns and whole numbers in the message, or frequency and credibility.",
            ),
            "E4818": (
                "No contract of the test years has a score.",
                "Give scores under the contract_id of the book.",
            ),
            # --- benefits and annuity contracts
            "E5400": ("The case file cannot be read.", "Give a YAML file in UTF-8."),
            "E5401": ("The case file has problems, which are listed.", "Correct each of them."),
            "E5402": ("The case has an unknown key.", "Take the key suggested."),
            "E5403": ("A key that this case needs is empty.", "Fill it."),
            "E5404": ("A value of the case is of another kind.", "Write what the message asks for."),
            "E5405": ("Two values of the case contradict each other.", "Correct the wrong one."),
            "E5410": ("A choice of the case is unknown.", "Take one of the choices in docs/benefit.md."),
            "E5411": (
                "The law leaves a choice open that this case needs.",
                "Choose one of the options in the message, under choices.",
            ),
            "E5420": (
                "The monthly pay of the case gives no average.",
                "Give months worked in full, each once and before the accident, or average_monthly_earnings.",
            ),
            "E5500": (
                "The annuity cannot be priced: an age outside the table, or two ends of the payments.",
                "Correct what the message names.",
            ),
            # --- mortality tables
            "E6001": (
                "There is neither a file nor a shipped table of that name.",
                "Take an id from `actuarial table list`, or a path.",
            ),
            "E6002": (
                "The file of the table cannot be read, or is too large.",
                "Check that it is the file you mean.",
            ),
            "E6003": ("The text of the table cannot be decoded.", "Save it as CSV UTF-8."),
            "E6004": ("The table holds no value.", "Give a header line and a row for each age."),
            "E6005": (
                "Columns of the table are missing, double, or of two kinds.",
                "Give age and qx; or age, q0, q1, … and ultimate.",
            ),
            "E6006": (
                "A row has more or fewer cells than the header.",
                "Give one year of age a row, as many cells as the header.",
            ),
            "E6007": ("A cell is not a number.", "Write a number."),
            "E6008": (
                "A probability lies outside 0 to 1.",
                "Give fractions of one, not percent or per mille.",
            ),
            "E6009": ("Ages are not whole or not consecutive.", "Give a row for each age, in order."),
            "E6010": (
                "The table does not close: its last q is not 1.",
                "Add a row of q = 1, and say in the note that it is yours.",
            ),
            "E6011": ("A q of 1 stands before the last age.", "End the table at the first age with q = 1."),
            "E6012": (
                "The sex, a date or an age in the description of the table is wrong.",
                "Correct the key named.",
            ),
            "E6013": ("The XML is not well formed.", "Download the table again."),
            "E6014": (
                "The XML declares a document type or entities, as hostile files do.",
                "Remove the declaration.",
            ),
            "E6015": (
                "The XTbML file holds other tables than one can take.",
                "Split it: one table by age, or a select with its ultimate one.",
            ),
            "E6016": (
                "The XTbML file scales its values or steps.",
                "Rescale it to plain fractions and single years.",
            ),
            "E6020": ("An age lies outside the table.", "Take a table that covers it."),
            "E6021": (
                "The table has no select rates for that age and duration.",
                "Ask for the ultimate rates.",
            ),
            "E6022": (
                "The table gives no day that an improvement could count from.",
                "Add period_middle to it, or leave the improvement out.",
            ),
            "E6023": ("The rule between whole ages is unknown.", "Take one of those in the message."),
            "E6024": ("A number of a survival is outside its bounds.", "Correct the number in the message."),
            "E6101": (
                "There are no matrices of certification, or not one for each duration.",
                "Give at least one, with duration_from 0.",
            ),
            "E6102": ("The durations of the matrices are out of order.", "Begin with 0 and rise, each once."),
            "E6103": ("A matrix has unknown bands or lacks some.", "Give a row for each of A, B, C, D."),
            "E6104": (
                "A row of a matrix has another number of probabilities.",
                "Give five: to A, B, C, D and R.",
            ),
            "E6105": ("A probability of a matrix is none.", "Give a fraction of 0 to 1."),
            "E6106": (
                "The probabilities of a row do not add up to 1.",
                "Say where everyone goes, R included.",
            ),
            "E6107": ("A certification lies before the first certificate.", "Check the two dates."),
            # --- experience
            "E6201": (
                "Events stand where nothing was exposed or expected.",
                "Check the table and the dates of the history.",
            ),
            "E6202": (
                "There are too few exits for this estimate.",
                "Give longer experience; the study goes on without it.",
            ),
            "E6203": (
                "The regression has nothing to compare.",
                "Give experience in which the classes overlap.",
            ),
            "E6204": ("The prior strength is not above 0.", "Give a number above 0."),
            "E6205": (
                "There are too few certifications to see how far the prior matrices hold.",
                "Give --prior-strength.",
            ),
            "E6206": (
                "The order or the smoothing of a graduation is outside its bounds.",
                "Give a number within those in the message.",
            ),
            "E6207": (
                "There are too few events or cells to graduate.",
                "Take a smaller order, a larger smoothing, or more experience.",
            ),
            "E6208": (
                "The likelihood has no clear maximum on these data.",
                "Merge classes, or take longer experience.",
            ),
            "E6220": ("The choice of fit or its value is unknown.", "Take one of those in the message."),
            "E6221": (
                "Ages are observed at which the table has no force of mortality.",
                "Take a longer table.",
            ),
            "E6223": (
                "A multiplier of mortality is 0, or beyond what a basis takes.",
                "Check the deaths, or choose multipliers=limited_fluctuation or prior.",
            ),
            "E6224": (
                "No certification without a change is recorded.",
                "Say --choice stays=review_dates, or add the certifications that changed nothing.",
            ),
            "E6225": ("Nothing was known on the as-of day.", "Take a later day."),
            "E6226": ("There are too few deaths to graduate a table.", "Choose table=prior."),
            "E6227": (
                "The study needs a library that is not installed.",
                "Install it: pip install 'actuarial[experience]'.",
            ),
            # --- the program, files it writes, the call
            "E7000": (
                "A fault of the program, not of your data.",
                "Set ACTUARIAL_DEBUG=1, run it again, and tell the makers what it prints.",
            ),
            "E8001": (
                "The place for the output is taken, or holds an input.",
                "Choose a new folder; --force replaces an earlier run and nothing else.",
            ),
            "E8002": (
                "The system refuses a file: it is missing, protected, or the disk is full.",
                "Do what the system's message says.",
            ),
            "E8003": (
                "The name of the output file has another suffix, or its folder does not exist.",
                "Correct the name; create the folder.",
            ),
            "E8004": ("The output file exists.", "Choose another name, or add --force."),
            "E8010": (
                "The call is wrong: an unknown command or option, a missing or wrong value.",
                "See the help of the command: --help.",
            ),
            "E8101": (
                "The configuration file cannot be read, or is no TOML.",
                "Correct the line named; write key = value, text in quotes.",
            ),
            "E8102": (
                "The configuration has a key or section that no command knows.",
                "Take the name suggested: options without --, commands as sections.",
            ),
            "E8103": (
                "A value of the configuration is not one the option takes.",
                "Write what the message asks for.",
            ),
            "E8104": (
                "A configuration found in the current folder says where to write, or names a network place.",
                "Give the option itself, or name the file with --config.",
            ),
            "E8105": (
                "The configuration in the current folder belongs to another user.",
                "Read it, then name it with --config, or work in another folder.",
            ),
            "E8110": ("There is no translation into that language.", "Take en, ru or kk."),
            "E8201": ("Two inputs are to come through standard input.", "Give all but one as files."),
            "E8202": (
                "Standard input is asked for, and nothing is piped into it.",
                "Pipe a file in, or give its path.",
            ),
            "E8203": ("A workbook would be printed on the screen.", "Give a file, or pipe it onward."),
            "E8204": (
                "A stream is asked for where a path is needed, such as that of a run folder.",
                "Give a path; ./- is a file or folder named -.",
            ),
            "E8210": ("There is no such code.", "Look at the list: `actuarial explain-code`."),
            # --- finished runs
            "E8301": (
                "The folder holds no finished run, or its record was changed.",
                "Name the folder of a run; make a new run if it was changed.",
            ),
            "E8302": (
                "A run of this command has no monthly payments to explain.",
                "Name a run of `actuarial reserve`.",
            ),
            "E8303": (
                "The inputs of the run are not there, or were changed.",
                "Put them back, or say with --inputs-from where they lie.",
            ),
            "E8304": (
                "The portfolio has no claim of that number.",
                "Give the claim_id as it stands in the file.",
            ),
            "E8305": (
                "The basis is not the one of the run.",
                "Put the file of the run back, or make a new run.",
            ),
            "E8306": (
                "The figures of the claim are not those of the run.",
                "Look with `actuarial verify` at what was changed.",
            ),
            "E8307": ("A run of this command cannot be recomputed.", "Take the version that made it."),
            "E8411": (
                "Annuities are checked against a valuation date, and none was given.",
                "Give --valuation-date.",
            ),
            "E8412": (
                "There is no table that can be checked.",
                "Name files or sheets as the message lists them.",
            ),
            "E8413": ("A mapping was given without saying for which table.", "Give --table."),
            # --- the local page
            "E8501": (
                "The libraries of the local page are not installed.",
                "Install the extra: pip install 'actuarial[serve]'.",
            ),
            "E8502": (
                "The port asked for belongs to another program, or is reserved.",
                "Give another --port, or none: a free one is taken.",
            ),
            "E8511": (
                "The file is larger than the page takes.",
                "Split it, or start `actuarial serve` with a larger --upload-limit.",
            ),
            "E8512": ("The file given to the page is empty.", "Export it again."),
            "E8521": (
                "A basis given to the page names files; on the page it can have none of its own.",
                "Take a shipped table and a flat rate or a formula, or use `actuarial reserve`.",
            ),
            # --- frames of pandas
            "E8601": ("A date given to a function is none.", "Give a datetime.date, or text as 2026-01-31."),
            "E8602": ("The data have errors, and nothing was computed.", "Correct the rows of the findings."),
            "E8603": (
                "The portfolio has no claim of that number.",
                "Give the claim_id as it stands in the data.",
            ),
            "E8604": (
                "An amount is too large to be exact in a frame.",
                "Split the portfolio, or take whole tiyn from the arrays behind the frame.",
            ),
            "E8605": (
                "The data given to a function are of another type.",
                "Give the path of a file, or a pandas.DataFrame.",
            ),
            "E8606": (
                "Neither a day nor a parameter of the law was named.",
                "Give a day, a parameter, or both.",
            ),
            "E8607": (
                "An annuity was asked for without an amount, or with two ends.",
                "Give an amount above 0, and months or to_pension, not both.",
            ),
            "E8608": (
                "A run was asked for with other values than its command takes.",
                "Give those that the message lists.",
            ),
            "E8609": (
                "An argument of a function is of another type.",
                "Give what the message asks for: read_portfolio reads tables, load_basis a basis.",
            ),
            "E8610": (
                "A number or word given to a function is outside what it takes.",
                "Give one from the range in the message.",
            ),
            # --- beyond what is exact
            "E9001": (
                "Amounts are beyond what whole numbers of 64 bits hold exactly.",
                "Check the largest amounts and the indexation, or split the portfolio.",
            ),
            "E9002": (
                "An amount is no figure one can report.",
                "Check the amounts of the record named, and the rates of the basis.",
            ),
            "E9003": ("There is nothing to simulate.", "Give a portfolio with records."),
        }
    )
)

EXAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E1001": 'actuarial reserve --portfolio "Портфель 2026.xlsx" …',
        "E1104": '1131 → "01131"',
        "E1602": "columns: {birth_date: Дата рождения}",
        "E1604": "columns: {birthdate: …} → columns: {birth_date: …}",
        "E2001": "birth_date: … → 1980-05-31",
        "E2101": "31.02.2026 → 28.02.2026",
        "E2301": "45,5 → 45",
        "E4003": "interest: {flat: 10} → interest: {flat: 0.10}",
        "E4004": "years,rate\\n1,0.12\\n5,0.11",
        "E4201": "--choice minimum_test=after_coefficient",
        "E4206": "--injured 2021=0 --injured 2022=1 --injured 2023=0",
        "E4610": "--own-funds 1500000000",
        "E6106": "[0.7, 0.2, 0.1, 0, 0.1] → [0.7, 0.1, 0.1, 0, 0.1]",
        "E8001": "actuarial reserve … --output reserve-2026-04 --force",
        "E8101": 'basis = "illustrative-2026"',
        "E8102": "[reserve] thread = 2 → [reserve] threads = 2",
        "E8103": 'report = "no" → report = false',
        "E8202": "cat annuities.csv | actuarial check - --valuation-date 2026-01-01",
        "E8303": "actuarial verify reserve-2026-01-01 --inputs-from /data/2026",
        "E8411": "actuarial check annuities.xlsx --valuation-date 2026-01-01",
    }
)
"""Words one could write, the same in every language."""
