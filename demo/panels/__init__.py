"""What the page shows of an answer: the bars, what the net was fed, what the capsules saw.

A panel asks what an answer has, never what its net is called. Each is a `Panel`: a module, a template, a stylesheet
and a script of one name, and its value is plain JSON that the script puts on the page as text, never as HTML.
"""
